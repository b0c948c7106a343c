"""The masked autoencoder: what the encoder sees, what the loss counts, and whether it fills in."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import jacrev, jvp

from src.callbacks.record import read_rows
from src.contracts import Batch
from src.errors import UserError
from src.models import MaskedAutoencoder
from src.networks import TransformerNetwork
from src.networks.base import Sizes
from src.networks.transformer import Patches
from tests.conftest import NO_PICTURES, run
from tests.small_models import batch, parts

SMALL: Any = partial(TransformerNetwork, patch=2, width=8, depth=1, back_depth=1, heads=2)


def model(shape: list[int], **dials: Any) -> MaskedAutoencoder:
    torch.manual_seed(0)
    return MaskedAutoencoder(3, **dials, **parts(SMALL, shape)).double()  # type: ignore[typeddict-item]


@pytest.mark.parametrize("shape", [[1, 8, 8], [3, 7, 5], [2, 2, 9]])
def test_patches_go_back_to_the_very_image(shape: list[int]) -> None:
    x = batch(3, shape).x
    patches = Patches(shape, 2)
    cut = patches(x)
    assert cut.shape[1] == patches.grid[0] * patches.grid[1]
    assert torch.equal(patches.back(cut), x)
    assert torch.equal(cut[:, 0].view(3, shape[0], 2, 2), x[:, :, :2, :2])


def test_the_share_that_is_said_is_hidden_in_whole_patches() -> None:
    module = model([1, 8, 8], masked=0.75)
    out = module.eval()(batch(20, [1, 8, 8]))
    assert out.kept is not None
    patches = Patches([1, 8, 8], 2)(out.kept.double())
    assert set(patches.unique().tolist()) == {0.0, 1.0}
    assert bool((patches.mean(2).sum(1) == 4).all())
    assert patches.std(2).max() == 0
    assert bool((out.seen[~out.kept] == 0).all())
    assert len({tuple(row.tolist()) for row in patches[:, :, 0]}) > 10  # another choice for each image


def test_what_is_hidden_changes_nothing_of_what_comes_out() -> None:
    module, b = model([1, 8, 8]).eval(), batch(5, [1, 8, 8])
    out = module(b)
    assert out.kept is not None
    other = torch.where(out.kept, b.x, torch.rand_like(b.x))
    again = module(Batch(other, b.y, b.index))
    torch.testing.assert_close(again.raw, out.raw)
    shown = torch.where(out.kept, torch.rand_like(b.x), b.x)
    assert not torch.allclose(module(Batch(shown, b.y, b.index)).raw, out.raw)


def test_the_loss_counts_hidden_pixels_only() -> None:
    module, b = model([2, 7, 5]).eval(), batch(5, [2, 7, 5])
    out = module(b)
    assert out.kept is not None
    losses = module.measured(out)
    by_hand = torch.stack([((o - x)[~k] ** 2).sum() for o, x, k in zip(out.raw, b.x, out.kept, strict=True)])
    torch.testing.assert_close(losses.terms["reconstruction"], by_hand)
    hidden = (~out.kept).flatten(1).sum(1)
    torch.testing.assert_close(losses.watched["hidden_mse"], by_hand / hidden)
    filled = module.restored(out)
    assert torch.equal(filled[out.kept], b.x[out.kept])
    assert torch.equal(filled[~out.kept], out.raw[~out.kept])


def test_the_encoder_is_the_same_whether_all_is_shown_by_the_short_way_or_the_long() -> None:
    module, b = model([1, 8, 8]).eval(), batch(2, [1, 8, 8])
    everything = module._shown(torch.arange(16).expand(2, 16), b.x)
    z, _ = module._encoded(b.x, everything)
    torch.testing.assert_close(z.transpose(1, 2).view(2, 3, 4, 4), module.encode(b.x).z)


@pytest.mark.parametrize("maps", [False, True])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 7, 5)])
def test_the_transformer_fits_any_image_and_has_exact_derivatives(shape: tuple[int, ...], maps: bool) -> None:
    torch.manual_seed(0)
    network = SMALL(Sizes(shape, features=6, latent_dim=3, raw_channels=2 * shape[0], maps=maps)).double()
    x = batch(2, list(shape)).x
    z = network.encoder(x)
    assert z.shape == ((2, 6, *network.grid) if maps else (2, 6))
    assert network.decoder(z[:, :3]).shape == (2, 2 * shape[0], *shape[1:])
    v = torch.randn_like(x)
    pushed = jvp(network.encoder, (x,), (v,))[1][0].flatten()
    jacobian: Tensor = jacrev(lambda image: network.encoder(image[None])[0].flatten())(x[0])
    torch.testing.assert_close(pushed, jacobian.flatten(1) @ v[0].flatten())


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UserError, match="single patch"):
        model([1, 2, 2])
    module = model([1, 8, 8])
    for ask in (module.reconstruct, module.decode):
        with pytest.raises(UserError, match="model=vae"):
            ask(torch.zeros(1, 1, 8, 8))
    with pytest.raises(UserError, match="must divide"):
        TransformerNetwork(Sizes((1, 8, 8), 4, 4, 1), width=10, heads=4)


def test_it_fills_in_better_than_the_mean_patch(tmp_path: Path) -> None:
    summary = run(
        tmp_path, "model=masked", "data=digits", "network.patch=2", "network.width=32", "network.depth=2",
        "network.back_depth=1", "optimizer.lr=0.003", "trainer.max_epochs=25", *NO_PICTURES,
    )  # fmt: skip
    assert summary["test/hidden_mse"] < 0.7 * summary["test/mean_patch_mse"]
    assert summary["test/denoised_psnr"] > summary["test/noisy_psnr"] + 3
    assert "test/se" not in summary
    assert "val/hidden_mse" in read_rows(tmp_path / "metrics.csv")[-1]
