"""Codes of which few units are awake: who is, what revives the dead, and how thresholds learn."""

import math
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal

from src.bottlenecks import BatchTopK, JumpReLU, TopK
from src.bottlenecks.batch_topk import REMEMBERED
from src.bottlenecks.dead_units import DeadUnits
from src.bottlenecks.sparse import Sparse
from src.contracts import Reconstruction, SparseCode
from src.errors import UserError
from src.models import (
    BatchTopKAutoencoder,
    JumpReLUAutoencoder,
    ReconstructionModule,
    TopKAutoencoder,
    VariationalAutoencoder,
)
from src.networks import ConvNetwork, DictionaryNetwork, UNet
from src.noise import FreshNoise
from src.regularizers.contractive import estimated_sq_norm, exact_sq_norm
from src.run_folder import open_run
from tests.conftest import NO_PICTURES, run
from tests.small_models import batch, images, mlp, parts

D, K, BANDWIDTH = 12, 3, 0.2
INPUTS = 24


def features(n: int = 5, width: int = D, seed: int = 0) -> Tensor:
    return torch.randn(n, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def topk_of(auxiliary_k: int = 4, **others: Any) -> TopKAutoencoder:
    """An untrained dictionary of 12 units, of which units 0 to 5 have been silent for long."""
    torch.manual_seed(0)
    model = TopKAutoencoder(D, K, auxiliary_k=auxiliary_k, dead_after=100, **parts(DictionaryNetwork, **others))
    silent_for(model)[:6] = 100
    return model.double()


def silent_for(model: ReconstructionModule) -> Tensor:
    """The images since each unit was last awake; writing to it changes them."""
    assert isinstance(model.bottleneck, Sparse)
    return model.bottleneck.units.silent_for


# Who is awake --------------------------------------------------------------------------------------------------------


def test_the_k_largest_features_are_the_code_and_nothing_else_is() -> None:
    code = TopK(4, 2, 100)(torch.tensor([[0.5, -3.0, 2.0, 1.0], [-1.0, -2.0, -0.5, -4.0]]))
    assert code.z.tolist() == [[0, 0, 2, 1], [-1, 0, -0.5, 0]]
    assert code.awake.tolist() == [[0, 0, 1, 1], [1, 0, 1, 0]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_exactly_k_units_are_awake_even_where_features_are_equal(dtype: torch.dtype) -> None:
    given = features(50, 64).to(dtype).round(decimals=1)  # many ties
    assert (TopK(64, 10, 100)(given).awake.sum(1) == 10).all()
    assert TopK(64, 10, 100).code_size(None) == 10


def test_more_units_awake_than_there_are_is_refused_with_what_to_type() -> None:
    for model in (TopKAutoencoder, BatchTopKAutoencoder):
        with pytest.raises(UserError, match=r"Use model\.k=2 or another number up to 8.* model\.latent_dim=256"):
            model(8, 16, **parts())


def test_a_batch_shares_out_its_units_as_its_images_need_them() -> None:
    bottleneck = BatchTopK(4, 1, 100)
    given = torch.tensor([[9.0, 8.0, 1.0, 0.0], [0.5, 2.0, 0.0, -1.0], [0.4, 0.3, 0.2, 0.1]])
    drawn = bottleneck(given).drawn(FreshNoise())
    assert drawn.z.tolist() == [[9, 8, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0]]
    assert type(drawn) is SparseCode


@pytest.mark.parametrize("training", [True, False])
def test_the_code_of_an_image_does_not_depend_on_the_others(training: bool) -> None:
    bottleneck, given = BatchTopK(D, K, 100), features(20)
    bottleneck.smallest[:2], bottleneck.batches = torch.tensor([0.5, 0.9]), torch.tensor(2)
    code = bottleneck.train(training)(given)
    assert torch.equal(code.z[:1], bottleneck(given[:1]).z)
    torch.testing.assert_close(code.z, given * (given > 0.7))
    if not training:
        assert torch.equal(code.drawn(FreshNoise()).z, code.z)


def test_the_threshold_is_the_mean_of_the_smallest_awake_features_of_the_last_batches() -> None:
    bottleneck, smallest = BatchTopK(D, K, 100), []
    assert bottleneck.threshold == 0
    for step in range(REMEMBERED + 20):
        drawn = bottleneck(features(8, seed=step)).drawn(FreshNoise())
        told = bottleneck.watch(drawn)
        smallest.append(drawn.z[drawn.z != 0].min())
        assert told["awake"].mean() == K
        assert bottleneck.threshold.item() == pytest.approx(torch.stack(smallest[-REMEMBERED:]).mean().item(), rel=1e-5)
    awake = bottleneck.eval().watch(bottleneck(features(2000, seed=1)))["awake"]
    assert awake.mean().item() == pytest.approx(K, rel=0.05)
    assert awake.std() > 0.5


@pytest.mark.parametrize("bottleneck", [TopK(D, K, 100), BatchTopK(D, K, 100), JumpReLU(D, 0.3, BANDWIDTH, 100)])
def test_features_learn_exactly_where_they_are_awake(bottleneck: Sparse) -> None:
    code = bottleneck.eval()(given := features().requires_grad_())
    weights = features(seed=1)
    (gradient,) = torch.autograd.grad((code.z * weights).sum(), given)
    torch.testing.assert_close(gradient, weights * (code.z != 0))
    slope = bottleneck.slope(code)
    assert slope is not None
    torch.testing.assert_close(slope, (code.z != 0).double())


# Dead units ----------------------------------------------------------------------------------------------------------


def test_a_unit_is_dead_after_so_many_images_without_it_and_wakes_with_one() -> None:
    units = DeadUnits(3, dead_after=6)
    units.note(torch.tensor([[1.0, 0.0, 0.0], [0.0, -2.0, 0.0]]))
    units.note(torch.tensor([[0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    assert units.silent_for.tolist() == [0, 2, 4]
    units.note(torch.tensor([[0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    assert units.dead.tolist() == [False, False, True]
    units.note(torch.tensor([[0.0, 0.0, 1.0]]))
    assert units.silent_for.tolist() == [1, 5, 0]


def test_what_any_process_wakes_is_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch import distributed

    def with_another(woken: Tensor, op: Any) -> None:
        assert op == distributed.ReduceOp.MAX
        woken.copy_(woken.maximum(torch.tensor([0, 1, 0])))

    monkeypatch.setattr(distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(distributed, "get_world_size", lambda: 2)
    monkeypatch.setattr(distributed, "all_reduce", with_another)
    units = DeadUnits(3, dead_after=6)
    units.note(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    assert units.silent_for.tolist() == [0, 0, 4]


def test_units_are_counted_in_training_steps_alone() -> None:
    model = topk_of()
    before = silent_for(model).clone()
    model.encode(images())
    model.eval().losses(batch())
    assert torch.equal(silent_for(model), before)
    losses = model.train().losses(batch(7))
    after = silent_for(model)
    assert set((after - before)[after != 0].tolist()) == {7}
    assert losses.watched["dead_units"].item() == pytest.approx((after >= 100).float().mean().item())


def residual_and_dead(model: TopKAutoencoder, auxiliary_k: int) -> tuple[Tensor, Tensor]:
    """By hand, from the matrices: e (B, inputs), and V z_dead of the strongest of the dead."""
    out = model(batch())
    assert isinstance(out.code, SparseCode)
    strongest = out.code.answers[:, :6].topk(min(auxiliary_k, 6)).values
    asked = (out.code.answers >= strongest[:, -1:]) & out.code.dead
    return (out.x - out.x_hat).flatten(1), (out.code.answers * asked) @ model.decoder_weights()[0].T


def auxiliary(model: TopKAutoencoder) -> Tensor:
    """The term of a pass, (B,)."""
    return model.objective.measured(model(batch()), model)["auxiliary"]


@pytest.mark.parametrize("auxiliary_k", [1, 4, 6, 50])
def test_the_auxiliary_loss_is_what_the_dead_units_leave_of_the_residual(auxiliary_k: int) -> None:
    model = topk_of(auxiliary_k)
    e, e_hat = residual_and_dead(model, auxiliary_k)
    torch.testing.assert_close(auxiliary(model), (e - e_hat).square().sum(1))


def test_where_no_unit_is_dead_the_auxiliary_loss_is_the_residual() -> None:
    model = topk_of()
    silent_for(model).zero_()
    out = model(batch())
    torch.testing.assert_close(auxiliary(model), (out.x - out.x_hat).square().flatten(1).sum(1))


def test_only_dead_units_learn_from_the_auxiliary_loss_and_as_if_the_residual_were_given() -> None:
    model = topk_of(auxiliary_k=6)
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(auxiliary(model).sum(), parameters)
    e, e_hat = residual_and_dead(model, 6)
    wanted = torch.autograd.grad((e.detach() - e_hat).square().sum(), parameters, allow_unused=True)
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, torch.zeros_like(a) if b is None else b)
    rows = dict(zip(names, found, strict=True))["network.encoder.layers.0.2.weight"].abs().sum(1)
    assert (rows[:6] > 0).all()
    assert (rows[6:] == 0).all()


def test_any_network_that_decodes_a_code_can_revive_units_and_one_that_does_not_is_refused() -> None:
    for network in (mlp(9), lambda sizes: ConvNetwork(sizes, channels=[4])):
        model = TopKAutoencoder(D, K, dead_after=1, **parts(network)).double()
        silent_for(model)[:6] = 1
        out = model(batch())
        term = model.objective.measured(out, model)["auxiliary"]
        assert isinstance(out.code, SparseCode)
        (learned,) = torch.autograd.grad(term.sum(), out.code.answers)
        assert (learned[:, :6] != 0).all()
        assert (learned[:, 6:] == 0).all()
    with pytest.raises(UserError, match="network=conv"):
        TopKAutoencoder(D, K, **parts(lambda sizes: UNet(sizes, channels=[4, 4])))


# Thresholds ----------------------------------------------------------------------------------------------------------


def by_threshold(value: Tensor, bottleneck: JumpReLU) -> Tensor:
    """The derivative of a value by the thresholds, from that by what they are made from."""
    (by_log,) = torch.autograd.grad(value, bottleneck.log_threshold, retain_graph=True)
    (made,) = torch.autograd.grad(bottleneck.threshold.sum(), bottleneck.log_threshold)
    return by_log / made


def test_the_gradients_of_a_threshold_are_those_of_the_paper() -> None:
    """Rajamanoharan et al. 2024, equations 11 and 12: -(t / width) K and -(1 / width) K, K(u) = 1 where |u| < 1/2."""
    x = torch.tensor([-0.5, 0.35, 0.39, 0.45, 0.55, 0.61, 0.7, 3.0], dtype=torch.float64)[:, None]
    bottleneck = JumpReLU(1, 0.5, BANDWIDTH, 100).double()
    awake = (x > 0.5).double()
    kernel = torch.tensor([0, 0, 0, 1, 1, 0, 0, 0], dtype=torch.float64)[:, None]
    for i in range(len(x)):
        code = bottleneck(x[i : i + 1])
        for value, wanted in ((code.z, -0.5 / BANDWIDTH * kernel[i]), (code.awake, -1 / BANDWIDTH * kernel[i])):
            torch.testing.assert_close(by_threshold(value.sum(), bottleneck), wanted)
        assert code.z.item() == pytest.approx((x[i] * awake[i]).item())
        assert code.awake.item() == awake[i].item()


def test_the_estimate_is_near_the_gradient_of_the_expected_number_of_units_awake() -> None:
    """d E[H(x - t)] / dt = -p(t) and d E[x H(x - t)] / dt = -t p(t), p the density of x."""
    n, t = 400_000, 0.8
    bottleneck = JumpReLU(1, t, BANDWIDTH, 100).double()
    code = bottleneck(features(n, 1))
    density = Normal(0.0, 1.0).log_prob(torch.tensor(t)).exp().item()
    for value, wanted in ((code.awake, -density), (code.z, -t * density)):
        assert by_threshold(value.mean(), bottleneck).item() == pytest.approx(wanted, rel=0.02)


def test_thresholds_stay_positive_and_values_below_them_are_exactly_zero() -> None:
    bottleneck = JumpReLU(D, 0.3, BANDWIDTH, 100).double()
    code = bottleneck(features(100))
    assert torch.equal(code.z != 0, features(100) > 0.3)
    assert (code.z[code.z != 0] > 0.3).all()
    nn.init.constant_(bottleneck.log_threshold, -20.0)
    torch.testing.assert_close(bottleneck(features(100)).z, features(100).relu())


@pytest.mark.parametrize("kind", [TopKAutoencoder, BatchTopKAutoencoder, JumpReLUAutoencoder])
@pytest.mark.parametrize("training", [True, False])
def test_the_contractive_penalty_works_in_all_of_its_ways(kind: Any, training: bool) -> None:
    torch.manual_seed(0)
    model: ReconstructionModule = kind(
        D, **({} if kind is JumpReLUAutoencoder else {"k": K}), **parts(DictionaryNetwork)
    )
    model.double().train(training)
    closed = model.jacobian_sq_norm(images())
    jacobians = [torch.autograd.functional.jacobian(lambda x: model.encode(x).z, image[None]) for image in images()]
    assert closed is not None
    assert closed.min() > 0
    torch.testing.assert_close(closed, torch.stack([j.square().sum() for j in jacobians]))
    torch.testing.assert_close(exact_sq_norm(model, images()), closed)
    estimate = estimated_sq_norm(model, images(), 1000, FreshNoise())
    torch.testing.assert_close(estimate, closed, rtol=0.3, atol=0)


# The network ---------------------------------------------------------------------------------------------------------


def test_a_dictionary_starts_as_its_own_transpose_with_columns_of_unit_length() -> None:
    model = topk_of()
    (w,), (v,) = model.encoder_weights(), model.decoder_weights()
    assert torch.equal(w, v.T) or (w - v.T).abs().max() < 1e-7
    torch.testing.assert_close(v.square().sum(0), torch.ones(D, dtype=torch.float64))
    assert sum(p.numel() for p in model.parameters()) == 2 * INPUTS * D + INPUTS + D


def test_columns_keep_their_length_whatever_steps_are_taken() -> None:
    model = topk_of()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    before = model.decoder_weights()[0].detach()
    for _ in range(3):
        optimizer.zero_grad()
        model.losses(batch()).total.backward()
        optimizer.step()
    (after,) = model.decoder_weights()
    torch.testing.assert_close(after.square().sum(0), torch.ones(D, dtype=torch.float64))
    assert (after - before).abs().max() > 0.05


def test_an_image_is_encoded_without_the_bias_that_the_decoder_adds() -> None:
    model = topk_of()
    c = torch.linspace(-1, 1, INPUTS, dtype=torch.float64)
    with torch.no_grad():
        dict(model.named_parameters())["network.decoder.layers.0.0.bias"].copy_(c)
    (w,) = model.encoder_weights()
    code = model.encode(images())
    assert isinstance(code, SparseCode)
    torch.testing.assert_close(code.answers, (images().flatten(1) - c) @ w.T)
    torch.testing.assert_close(model.decode(torch.zeros(1, D, dtype=torch.float64)).flatten(), c)


def test_a_dictionary_fits_codes_with_a_variance_and_images_with_more_to_decode() -> None:
    from src.losses import GaussianLoss

    model = VariationalAutoencoder(D, **parts(DictionaryNetwork, loss=GaussianLoss("per_pixel")))
    out = model(batch(dtype=torch.float32))
    assert out.raw.shape == (5, 4, 3, 4)
    assert out.x_hat.shape == out.x.shape
    assert isinstance(out, Reconstruction)
    (w,), (v,) = model.encoder_weights(), model.decoder_weights()
    torch.testing.assert_close(w[:D], v[:INPUTS].T)


# The variants --------------------------------------------------------------------------------------------------------

STEPS = ["data=digits", "data.batch_size=32", "optimizer.lr=3e-3", "callbacks.early_stopping=null", *NO_PICTURES]


def trained(folder: Path, *options: str) -> tuple[Any, Tensor, dict[str, Any]]:
    summary = run(folder, *STEPS, "callbacks.last_checkpoint=null", *options)
    model, data, _ = open_run(folder)
    data.setup()
    return model.requires_grad_(False), data.test_set.__getitems__(range(len(data.test_set))).x, summary


def test_the_auxiliary_loss_leaves_fewer_units_dead(tmp_path: Path) -> None:
    wide = ["model=topk", "model.k=8", "model.latent_dim=256", "model.dead_after=500", "trainer.max_epochs=25"]
    model, x, revived = trained(tmp_path / "revived", *wide)
    left = trained(tmp_path / "left", *wide, "model.auxiliary=0")[2]
    assert revived["test/dead_units"] < 0.6 * left["test/dead_units"]
    assert ((model.encode(x).z != 0).sum(1) == 8).all()
    assert revived["model/code_size"] == revived["baseline/pca_components"] == 8
    assert revived["test/se"] < revived["baseline/pca_se"]


@pytest.mark.full
def test_the_auxiliary_loss_leaves_fewer_of_3136_units_dead_on_mnist(tmp_path: Path) -> None:
    root = Path(os.environ.get("HOURGLASS_DATA", "data"))
    if not (root / "MNIST" / "raw").is_dir():
        pytest.skip("MNIST is not there, and is not downloaded for this")
    wide = ["data=mnist", "data.limit=12000", "model=topk", "model.latent_dim=3136", "model.k=32", *NO_PICTURES]
    dead = [
        run(tmp_path / auxiliary, *wide, "trainer.max_epochs=4", f"model.auxiliary={auxiliary}")["test/dead_units"]
        for auxiliary in ("0.03125", "0")
    ]
    assert dead[0] < 0.5 * dead[1]


def test_a_batch_gives_more_units_to_images_that_need_them(tmp_path: Path) -> None:
    options = ["model=batch_topk", "model.k=4", "model.latent_dim=128", "trainer.max_epochs=15"]
    model, x, summary = trained(tmp_path, *options)
    awake = (model.encode(x).z != 0).sum(1).float()
    assert awake.mean().item() == pytest.approx(4, rel=0.1)
    assert summary["test/awake"] == pytest.approx(awake.mean().item())
    assert awake.std() > 0.5
    assert summary["test/se"] < summary["baseline/pca_se"]


def test_a_price_on_units_puts_most_of_them_to_sleep(tmp_path: Path) -> None:
    options = ["model=jumprelu", "model.latent_dim=128", "trainer.max_epochs=15"]
    few = trained(tmp_path / "few", *options)[2]
    model, x, many = trained(tmp_path / "many", *options, "model.sparsity=0")
    assert few["test/l0"] < 0.5 * many["test/l0"]
    assert many["test/l0"] == pytest.approx((model.encode(x).z != 0).float().sum(1).mean().item(), rel=1e-4)
    assert math.isfinite(few["test/dead_units"])
