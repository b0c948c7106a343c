"""The vector quantiser: the nearest entry, entries that follow, dead ones that start anew."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from src.bottlenecks import VectorQuantizer
from src.callbacks.record import read_rows
from src.errors import UserError
from src.run_folder import open_run
from tests.conftest import NO_PICTURES, run

DIGITS = [
    *("model=vqvae", "data=digits", "network.channels=[16,32]", "trainer.max_epochs=30", "optimizer.lr=0.003"),
    *NO_PICTURES,
]


def quantizer(entries: int = 6, decay: float = 0.9, restart_below: float = 0.0) -> VectorQuantizer:
    torch.manual_seed(0)
    made = VectorQuantizer(2, entries, decay, restart_below)
    made.codebook.copy_(torch.randn(entries, 2))
    made.sums.copy_(made.codebook)
    made.started.fill_(True)
    return made


def features(n: int = 4) -> Tensor:
    return torch.randn(n, 2, 3, 5, generator=torch.Generator().manual_seed(1))


def test_each_place_takes_its_nearest_entry() -> None:
    made, f = quantizer(), features()
    code = made.eval()(f)
    for b in range(4):
        for i in range(3):
            for j in range(5):
                nearest = int((made.codebook - f[b, :, i, j]).norm(dim=1).argmin())
                assert code.indices[b, i, j] == nearest
                torch.testing.assert_close(code.z[b, :, i, j], made.codebook[nearest])
    assert made.code_size((3, 5)) == 15


def test_the_gradient_passes_straight_through() -> None:
    f = features().requires_grad_()
    weights = torch.randn(f.shape)
    (quantizer()(f).z * weights).sum().backward()
    torch.testing.assert_close(f.grad, weights)


def test_entries_follow_the_moving_average_of_what_chose_them() -> None:
    made, f = quantizer(), features()
    before = made.codebook.clone()
    code = made.train()(f)
    made.watch(code)
    flat, indices = f.movedim(1, -1).reshape(-1, 2), code.indices.flatten()
    for j in range(6):
        mine = flat[indices == j]
        n = 0.9 * 1 + 0.1 * len(mine)
        torch.testing.assert_close(made.codebook[j], (0.9 * before[j] + 0.1 * mine.sum(0)) / n)


def test_outside_training_nothing_moves() -> None:
    made = quantizer().eval()
    before = made.codebook.clone()
    made.watch(made(features()))
    assert torch.equal(made.codebook, before)


def test_an_entry_that_nothing_chooses_starts_again_at_a_feature() -> None:
    made, f = quantizer(restart_below=0.95), features()
    made.codebook[2], made.sums[2] = 1000.0, 1000.0
    made.train().watch(made(f))
    flat = f.movedim(1, -1).reshape(-1, 2)
    assert (flat - made.codebook[2]).norm(dim=1).min() == 0


def test_usage_and_perplexity_of_known_choices() -> None:
    made = quantizer(4).eval()
    made.codebook.copy_(torch.tensor([[0.0, 0], [10, 0], [0, 10], [99, 99]]))
    f = torch.tensor([[0.0, 0], [0, 0], [10, 0], [0, 10]]).T.reshape(1, 2, 2, 2)
    seen = made.watch(made(f))
    assert float(seen["codebook_usage"]) == 0.75
    expected = torch.distributions.Categorical(torch.tensor([0.5, 0.25, 0.25])).entropy().exp()
    torch.testing.assert_close(seen["perplexity"], expected)


def test_half_precision_leaves_the_averages_alone() -> None:
    made = quantizer().bfloat16()
    assert made.codebook.dtype == torch.float32
    assert made(features().bfloat16()).z.shape == (4, 2, 3, 5)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vqvae")
    run(folder, *DIGITS, "model.entries=32")
    return folder


def test_most_of_the_codebook_is_used_and_that_is_logged(trained: Path) -> None:
    last = read_rows(trained / "metrics.csv")[-1]
    assert float(last["val/codebook_usage"]) > 0.5
    assert float(last["val/perplexity"]) > 8


def test_more_entries_say_more(trained: Path, tmp_path: Path) -> None:
    few = run(tmp_path, *DIGITS, "model.entries=2")
    model, data, _ = open_run(trained)
    data.setup()
    assert data.test_set is not None
    x = next(data.test_set.batches(600)).x
    with torch.no_grad():
        se = float((model.reconstruct(x) - x).flatten(1).square().sum(1).mean())
    assert se < 0.8 * few["test/se"]
    assert few["model/code_size"] == 4


def test_it_wants_a_network_with_maps(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="network=conv"):
        run(tmp_path, "model=vqvae", "network=mlp", "data=digits", *NO_PICTURES)


def test_under_autocast_the_nearest_is_still_the_nearest() -> None:
    torch.manual_seed(0)
    made = VectorQuantizer(16, 512, 0.99, 0.0).eval()
    made.codebook.copy_(2 + 0.3 * torch.randn(512, 16))
    f = 2 + 0.3 * torch.randn(4, 16, 3, 5)
    plain = made(f).indices
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(made(f).indices, plain)


def test_an_entry_that_never_starts_again_stays_where_it_was() -> None:
    made, f = quantizer(decay=0.5), features()
    made.codebook[2], made.sums[2] = 50.0, 50.0
    made.train()
    for _ in range(100):
        made.watch(made(f))
    torch.testing.assert_close(made.codebook[2], torch.full((2,), 50.0))
