"""The contractive penalty: three ways to one number, and that number by torch's own Jacobian."""

import math
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from src.contracts import Reconstruction
from src.corruptions import GaussianNoise
from src.models import ContractiveAutoencoder, ReconstructionModule, UndercompleteAutoencoder, VariationalAutoencoder
from src.networks import ConvNetwork, LinearNetwork
from src.noise import FreshNoise, IndexedNoise
from src.regularizers import Contractive, contractive
from src.regularizers.contractive import EXACT_UP_TO, estimated_sq_norm, exact_sq_norm
from tests.small_models import batch, images, mlp, parts

CONV = partial(ConvNetwork, channels=[3, 4], activation="tanh")
MLP = mlp(6, activation="tanh")
D = 5


def model_of(network: Any = LinearNetwork, activation: Any = "sigmoid", **dials: Any) -> ReconstructionModule:
    torch.manual_seed(0)
    latent_dim = dials.pop("latent_dim", D)
    model = UndercompleteAutoencoder(latent_dim, code_activation=activation, **parts(network, **dials))
    return model.double().eval()


def vae_of(network: Any) -> ReconstructionModule:
    torch.manual_seed(0)
    return VariationalAutoencoder(D, **parts(network)).double().eval()


def by_autograd(model: ReconstructionModule, x: Tensor) -> Tensor:
    """The norm from torch's own Jacobian of each image alone."""
    jacobians = [torch.autograd.functional.jacobian(lambda x: model.encode(x).z, image[None]) for image in x]
    return torch.stack([j.square().sum() for j in jacobians])


def a_pass(model: ReconstructionModule, n: int = 5) -> Reconstruction:
    return replace(model(batch(n)), noise=IndexedNoise(0, torch.arange(n)))


def penalty(model: ReconstructionModule, probes: int | None = None) -> Tensor:
    return Contractive(1.0, probes)(a_pass(model), model)


@pytest.mark.parametrize("network", [LinearNetwork, mlp()], ids=["linear", "mlp without hidden layers"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "identity"])
def test_the_closed_form_of_one_layer_is_the_exact_norm(network: Any, activation: str) -> None:
    model = model_of(network, activation)
    closed = model.jacobian_sq_norm(images())
    assert closed is not None
    torch.testing.assert_close(closed, by_autograd(model, images()))
    torch.testing.assert_close(exact_sq_norm(model, images()), closed)
    torch.testing.assert_close(penalty(model), closed)


def test_the_closed_form_of_a_sigmoid_layer_is_that_of_the_paper() -> None:
    model = model_of()
    matrix, h = model.network.encoder_matrix(), model.encode(images()).z
    assert matrix is not None
    expected = ((h * (1 - h)) ** 2 * matrix.square().sum(1)).sum(1)
    torch.testing.assert_close(penalty(model), expected)


@pytest.mark.parametrize(("network", "activation"), [(MLP, "sigmoid"), (CONV, "identity"), (LinearNetwork, "gelu")])
def test_other_encoders_have_the_exact_norm_of_autograd(network: Any, activation: str) -> None:
    model = model_of(network, activation)
    assert model.jacobian_sq_norm(images()) is None
    torch.testing.assert_close(penalty(model), by_autograd(model, images()))


@pytest.mark.parametrize("network", [LinearNetwork, MLP, CONV], ids=["linear", "mlp", "conv"])
def test_of_a_gaussian_code_the_mean_is_measured(network: Any) -> None:
    model = vae_of(network)
    torch.testing.assert_close(penalty(model), by_autograd(model, images()))
    torch.testing.assert_close(penalty(model), exact_sq_norm(model, images()))


@pytest.mark.parametrize("network", [LinearNetwork, MLP, CONV], ids=["linear", "mlp", "conv"])
def test_probes_are_unbiased_and_as_uncertain_as_theory_says(network: Any) -> None:
    torch.manual_seed(0)
    model, n = model_of(network), 4000
    x = images(1).expand(n, -1, -1, -1).contiguous()
    estimates = estimated_sq_norm(model, x, 1, FreshNoise()).detach()
    jacobian = torch.func.jacrev(lambda x: model.encode(x).z[0])(images(1)).detach().flatten(1)
    variance = 2 * (jacobian @ jacobian.T).square().sum()  # of v'Av with normal v
    assert abs(float(estimates.mean() - jacobian.square().sum())) < 3 * math.sqrt(float(variance) / n)
    assert float(estimates.var() / variance) == pytest.approx(1, abs=0.25)


def test_several_probes_are_the_mean_of_single_ones() -> None:
    model, noise = model_of(MLP), IndexedNoise(0, torch.arange(5))
    single = [estimated_sq_norm(model, images(), 1, noise) for _ in range(3)]
    torch.testing.assert_close(penalty(model, probes=3), torch.stack(single).mean(0))


def test_a_wide_code_takes_one_probe_and_asking_for_probes_is_obeyed() -> None:
    narrow, wide = model_of(MLP, latent_dim=EXACT_UP_TO), model_of(MLP, latent_dim=EXACT_UP_TO + 1)
    torch.testing.assert_close(penalty(narrow), by_autograd(narrow, images()))
    one = estimated_sq_norm(wide, images(), 1, IndexedNoise(0, torch.arange(5)))
    torch.testing.assert_close(penalty(wide), one)
    affine = model_of(latent_dim=EXACT_UP_TO + 1)
    torch.testing.assert_close(penalty(affine), by_autograd(affine, images()))
    assert not torch.allclose(penalty(affine, probes=1), by_autograd(affine, images()))


@pytest.mark.parametrize("probes", [None, 2], ids=["exact", "estimate"])
@pytest.mark.parametrize("network", [LinearNetwork, MLP, CONV], ids=["linear", "mlp", "conv"])
def test_the_gradient_by_the_weights_is_that_of_finite_differences(network: Any, probes: int | None) -> None:
    model = model_of(network)
    weights = list(model.network.encoder.parameters())
    rng = torch.Generator().manual_seed(1)
    direction = [torch.randn(w.shape, generator=rng, dtype=w.dtype) for w in weights]
    gradients = torch.autograd.grad(penalty(model, probes).sum(), weights, materialize_grads=True)
    expected = sum(float((g * d).sum()) for g, d in zip(gradients, direction, strict=True))

    def moved(step: float) -> float:
        with torch.no_grad():
            for w, d in zip(weights, direction, strict=True):
                w.add_(step * d)
            value = float(penalty(model, probes).sum())
            for w, d in zip(weights, direction, strict=True):
                w.sub_(step * d)
        return value

    assert (moved(1e-5) - moved(-1e-5)) / 2e-5 == pytest.approx(expected, rel=1e-6)
    assert expected != 0


@pytest.mark.parametrize("probes", [None, 2], ids=["exact", "estimate"])
@pytest.mark.parametrize("network", [LinearNetwork, MLP, CONV], ids=["linear", "mlp", "conv"])
def test_outside_of_training_the_value_is_the_same(network: Any, probes: int | None) -> None:
    model = model_of(network)
    expected = penalty(model, probes).detach()
    with torch.no_grad():
        torch.testing.assert_close(penalty(model, probes), expected)
    with torch.inference_mode():
        torch.testing.assert_close(penalty(model, probes).clone(), expected.clone())


@pytest.mark.parametrize("probes", [None, 2], ids=["exact", "estimate"])
@pytest.mark.parametrize("network", [LinearNetwork, MLP, CONV], ids=["linear", "mlp", "conv"])
def test_autocast_does_not_make_it_coarse(network: Any, probes: int | None) -> None:
    model, given = model_of(network).float(), batch(dtype=torch.float32)
    term = Contractive(1.0, probes)
    noise = partial(IndexedNoise, 0, given.index)
    expected = term(replace(model(given), noise=noise()), model)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        coarse = term(replace(model(given), noise=noise()), model)
    assert coarse.dtype == torch.float32
    torch.testing.assert_close(coarse, expected)


@pytest.mark.parametrize("probes", [None, 2], ids=["exact", "estimate"])
@pytest.mark.parametrize("network", [partial(MLP, dropout=0.5), partial(CONV, dropout=0.5)], ids=["mlp", "conv"])
def test_dropout_is_drawn_anew_in_training_and_is_away_outside(network: Any, probes: int | None) -> None:
    model = model_of(network)
    torch.testing.assert_close(penalty(model), by_autograd(model, images()))
    model.train()
    first, second = penalty(model, probes), penalty(model, probes)
    assert first.shape == (5,)
    assert bool(first.isfinite().all())
    assert not torch.allclose(first, second)
    first.sum().backward()
    assert any(p.grad is not None and bool(p.grad.any()) for p in model.network.encoder.parameters())


def test_it_is_measured_where_the_encoder_looked() -> None:
    model = model_of(MLP, corruption=GaussianNoise(0.5, [0.0, 1.0]))
    out = a_pass(model)
    assert not torch.equal(out.seen, out.x)
    torch.testing.assert_close(Contractive(1.0)(out, model), by_autograd(model, out.seen))
    estimate = estimated_sq_norm(model, out.seen, 1, IndexedNoise(0, torch.arange(5)))
    torch.testing.assert_close(Contractive(1.0, probes=1)(out, model), estimate)
    affine = model_of(corruption=GaussianNoise(0.5, [0.0, 1.0]))
    out = a_pass(affine)
    torch.testing.assert_close(Contractive(1.0)(out, affine), by_autograd(affine, out.seen))


def test_the_contractive_autoencoder_brings_it_as_its_own_term(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ContractiveAutoencoder(D, contraction=0.3, **parts(MLP)).double().eval()
    losses = model.losses(batch())
    torch.testing.assert_close(losses.terms["contractive"], by_autograd(model, images()))
    assert losses.weights["contractive"] == 0.3
    monkeypatch.setattr(contractive, "EXACT_UP_TO", 0)
    assert not torch.allclose(model.losses(batch()).terms["contractive"], by_autograd(model, images()))
