"""The decoder's Jacobian, against torch's own."""

import math
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from src.contracts import Reconstruction
from src.losses import BernoulliLoss
from src.models import ReconstructionModule, UndercompleteAutoencoder, VariationalAutoencoder
from src.networks import ConvNetwork, LinearNetwork
from src.noise import FreshNoise, IndexedNoise
from src.regularizers import GradientPenalty
from src.regularizers.gradient_penalty import EXACT_UP_TO, pushed_sq_norms
from tests.small_models import batch, mlp, parts

CONV = partial(ConvNetwork, channels=[3, 4], activation="tanh")
MLP = mlp(6, activation="tanh")
NETWORKS = pytest.mark.parametrize("network", [LinearNetwork, MLP, CONV], ids=["linear", "mlp", "conv"])
EACH_WAY = pytest.mark.parametrize("probes", [None, 2], ids=["exact", "estimate"])


def model_of(network: Any = MLP, latent_dim: int = 5, **dials: Any) -> ReconstructionModule:
    torch.manual_seed(0)
    return UndercompleteAutoencoder(latent_dim, **parts(network, **dials)).double().eval()


def jacobian(model: ReconstructionModule, z: Tensor) -> Tensor:
    """Of one image by its code z (D,): (pixels, D), by torch's own reverse mode."""
    picture = lambda z: model.image(model.decode(z[None])).flatten()  # noqa: E731
    return torch.autograd.functional.jacobian(picture, z)


def by_autograd(model: ReconstructionModule, z: Tensor) -> Tensor:
    """The squared Frobenius norm for each code alone."""
    return torch.stack([jacobian(model, code).square().sum() for code in z])


def a_pass(model: ReconstructionModule) -> Reconstruction:
    return replace(model(batch()), noise=IndexedNoise(0, torch.arange(5)))


def penalty(model: ReconstructionModule, probes: int | None = None) -> Tensor:
    return GradientPenalty(1.0, probes)(a_pass(model), model)


@NETWORKS
def test_it_is_the_frobenius_norm_of_each_image_at_its_code(network: Any) -> None:
    model = model_of(network)
    torch.testing.assert_close(penalty(model), by_autograd(model, a_pass(model).code.z))


@EACH_WAY
def test_the_last_batch_may_be_one_image(probes: int | None) -> None:
    model = model_of()
    out = replace(model(batch(1)), noise=IndexedNoise(0, torch.arange(1)))
    value = GradientPenalty(1.0, probes)(out, model)
    assert value.shape == (1,)
    if probes is None:
        torch.testing.assert_close(value, by_autograd(model, out.code.z))


def test_it_is_not_the_gradient_of_the_summed_pixels() -> None:
    model = model_of()
    z = a_pass(model).code.z.detach().requires_grad_()
    (wrong,) = torch.autograd.grad(model.decode(z).sum(), z)  # what the largest library squares
    assert not torch.allclose(penalty(model), wrong.square().sum(1), rtol=0.1)


def test_of_a_linear_decoder_it_is_the_norm_of_its_matrix() -> None:
    model = model_of(LinearNetwork)
    (matrix,) = model.decoder_weights()
    torch.testing.assert_close(penalty(model), matrix.square().sum().expand(5))


def test_the_picture_is_measured_and_not_the_logits() -> None:
    model = model_of(LinearNetwork, loss=BernoulliLoss())
    (matrix,), p = model.decoder_weights(), a_pass(model).x_hat.flatten(1)
    torch.testing.assert_close(penalty(model), ((p * (1 - p))[:, :, None] * matrix).square().sum((1, 2)))


def test_of_a_gaussian_code_it_is_measured_where_the_code_was_drawn() -> None:
    torch.manual_seed(0)
    model = VariationalAutoencoder(5, **parts(MLP)).double().eval()
    out = a_pass(model)
    assert not torch.equal(out.code.z, model.encode(out.x).z)
    torch.testing.assert_close(GradientPenalty(1.0)(out, model), by_autograd(model, out.code.z))


def test_codes_that_are_maps_are_measured_whole() -> None:
    class Maps:
        def decode(self, z: Tensor, y: Tensor) -> Tensor:
            return (z * torch.arange(1.0, 5.0, dtype=z.dtype).view(1, 2, 2)).square()

        def image(self, raw: Tensor) -> Tensor:
            return raw

    out = a_pass(model_of())
    z = torch.rand(5, 1, 2, 2, dtype=torch.float64)
    maps: Any = Maps()
    expected = (2 * z * torch.arange(1.0, 5.0).view(1, 2, 2) ** 2).square().flatten(1).sum(1)
    torch.testing.assert_close(GradientPenalty(1.0)(replace(out, code=type(out.code)(z)), maps), expected)


@NETWORKS
def test_probes_are_unbiased_and_as_uncertain_as_theory_says(network: Any) -> None:
    torch.manual_seed(0)
    model, n = model_of(network), 4000
    z = a_pass(model).code.z[:1].detach()
    directions = torch.randn(n, 1, z.shape[1], dtype=z.dtype)
    estimates = pushed_sq_norms(model, z, torch.tensor([-1]), directions)[:, 0].detach()
    exact = jacobian(model, z[0])
    variance = 2 * (exact.T @ exact).square().sum()  # of v'Av with normal v
    assert abs(float(estimates.mean() - exact.square().sum())) < 3 * math.sqrt(float(variance) / n)
    assert float(estimates.var() / variance) == pytest.approx(1, abs=0.25)


def test_several_probes_are_the_mean_of_single_ones() -> None:
    model = model_of()
    out = a_pass(model)
    single = [GradientPenalty(1.0, probes=1)(out, model) for _ in range(3)]
    torch.testing.assert_close(penalty(model, probes=3), torch.stack(single).mean(0))


def test_a_wide_code_takes_one_probe_and_asking_for_probes_is_obeyed() -> None:
    narrow, wide = model_of(latent_dim=EXACT_UP_TO), model_of(latent_dim=EXACT_UP_TO + 1)
    torch.testing.assert_close(penalty(narrow), by_autograd(narrow, a_pass(narrow).code.z))
    torch.testing.assert_close(penalty(wide), penalty(wide, probes=1))
    assert not torch.allclose(penalty(narrow, probes=1), by_autograd(narrow, a_pass(narrow).code.z))


@EACH_WAY
@NETWORKS
def test_the_gradient_by_the_weights_is_that_of_finite_differences(network: Any, probes: int | None) -> None:
    model = model_of(network)
    weights = list(model.network.parameters())
    rng = torch.Generator().manual_seed(1)
    direction = [torch.randn(w.shape, generator=rng, dtype=w.dtype) for w in weights]
    gradients = torch.autograd.grad(penalty(model, probes).sum(), weights, materialize_grads=True, allow_unused=True)
    expected = sum(float((g * d).sum()) for g, d in zip(gradients, direction, strict=True))

    def moved(step: float) -> float:
        with torch.no_grad():
            for w, d in zip(weights, direction, strict=True):
                w.add_(step * d)
            value = float(penalty(model, probes).sum())
            for w, d in zip(weights, direction, strict=True):
                w.sub_(step * d)
        return value

    assert (moved(1e-5) - moved(-1e-5)) / 2e-5 == pytest.approx(expected, rel=1e-5)
    assert expected != 0


@EACH_WAY
@NETWORKS
def test_outside_of_training_the_value_is_the_same(network: Any, probes: int | None) -> None:
    model = model_of(network)
    expected = penalty(model, probes).detach()
    with torch.no_grad():
        torch.testing.assert_close(penalty(model, probes), expected)
    with torch.inference_mode():
        torch.testing.assert_close(penalty(model, probes).clone(), expected.clone())


@EACH_WAY
@NETWORKS
def test_autocast_does_not_make_it_coarse(network: Any, probes: int | None) -> None:
    model = model_of(network).float()
    out = model(batch(dtype=torch.float32))
    term = GradientPenalty(1.0, probes)
    expected = term(replace(out, noise=IndexedNoise(0, torch.arange(5))), model)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        coarse = term(replace(out, noise=IndexedNoise(0, torch.arange(5))), model)
    assert coarse.dtype == torch.float32
    torch.testing.assert_close(coarse, expected)


def test_half_precision_is_summed_in_single() -> None:
    model = model_of().to(torch.bfloat16)
    out = model(batch(dtype=torch.bfloat16))
    assert GradientPenalty(1.0)(out, model).dtype == torch.float32


@EACH_WAY
def test_dropout_is_drawn_anew_in_training(probes: int | None) -> None:
    model = model_of(partial(MLP, dropout=0.5)).train()
    out = replace(model(batch()), noise=FreshNoise())
    first, second = (GradientPenalty(1.0, probes)(out, model) for _ in range(2))
    assert first.shape == (5,)
    assert bool(first.isfinite().all())
    assert not torch.allclose(first, second)
