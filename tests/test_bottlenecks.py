"""Codes and their bottlenecks against torch.distributions."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal, kl_divergence

from src.activations import ACTIVATIONS, Activation
from src.bottlenecks import Bottleneck, Deterministic, Gaussian
from src.contracts import Code, GaussianCode
from src.noise import FreshNoise, IndexedNoise

B, D = 6, 3


def features(width: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(B, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def gaussian_code() -> GaussianCode:
    return Gaussian(D)(features(2 * D, scale=2.0))


def posterior(code: GaussianCode) -> Normal:
    return Normal(code.mean, code.std)


def test_the_divergence_is_that_of_torch() -> None:
    code = gaussian_code()
    expected = kl_divergence(posterior(code), Normal(torch.zeros_like(code.mean), torch.ones_like(code.std)))
    assert code.kl.shape == (B, D)
    torch.testing.assert_close(code.kl, expected)
    assert float(code.kl.min()) >= 0


def test_the_divergence_of_the_prior_from_itself_is_zero() -> None:
    assert torch.equal(Gaussian(D)(torch.zeros(B, 2 * D)).kl, torch.zeros(B, D))


def test_samples_come_with_their_log_density() -> None:
    code = gaussian_code()
    z, log_q = code.rsample(7, FreshNoise())
    assert z.shape == (7, B, D)
    assert log_q.shape == (7, B)
    torch.testing.assert_close(log_q, Independent(posterior(code), 1).log_prob(z))


def test_the_mean_log_ratio_of_samples_is_the_divergence() -> None:
    torch.manual_seed(0)
    code, k = gaussian_code(), 20_000
    z, log_q = code.rsample(k, FreshNoise())
    ratios = log_q - Normal(0.0, 1.0).log_prob(z).sum(-1)
    error = ratios.std(0) / math.sqrt(k)
    assert bool(((ratios.mean(0) - code.kl.sum(1)).abs() < 4 * error).all())


def test_samples_have_the_mean_and_deviation_of_the_code_and_independent_units() -> None:
    torch.manual_seed(0)
    code, k = gaussian_code(), 20_000
    z, _ = code.rsample(k, FreshNoise())
    eps = (z - code.mean) / code.std
    assert eps.mean(0).abs().max() < 4.5 / math.sqrt(k)
    assert (eps.var(0) - 1).abs().max() < 4.5 * math.sqrt(2 / k)
    covariance = torch.einsum("kbi,kbj->bij", eps, eps) / k - torch.eye(D)
    assert covariance.triu(1).abs().max() < 4.5 / math.sqrt(k)


def test_a_drawn_code_differs_from_its_mean_and_keeps_everything_else() -> None:
    code, noise = gaussian_code(), IndexedNoise(0, torch.arange(B))
    drawn = code.drawn(noise)
    assert drawn.mean is code.mean
    assert drawn.std is code.std
    eps = IndexedNoise(0, torch.arange(B)).normal(code.mean)
    torch.testing.assert_close(drawn.z, code.mean + code.std * eps)


def test_gradients_reach_mean_and_deviation_through_a_sample() -> None:
    mean, std = torch.zeros(B, D, requires_grad=True), torch.ones(B, D, requires_grad=True)
    code = GaussianCode(z=mean, mean=mean, std=std).drawn(IndexedNoise(0, torch.arange(B)))
    by_mean, by_std = torch.autograd.grad(code.z.sum(), (mean, std))
    torch.testing.assert_close(by_mean, torch.ones(B, D))
    torch.testing.assert_close(by_std, IndexedNoise(0, torch.arange(B)).normal(mean).detach())


def test_a_deterministic_code_is_drawn_as_itself() -> None:
    code = Code(features(D))
    assert code.drawn(FreshNoise()) is code


def test_encoding_stands_at_the_mean() -> None:
    given = features(2 * D)
    code = Gaussian(D)(given)
    torch.testing.assert_close(code.z, given[:, :D])
    torch.testing.assert_close(code.std, (given[:, D:] / 2).exp())


@pytest.mark.parametrize("value", [-1e4, 1e4])
def test_an_extreme_log_variance_stays_finite(value: float) -> None:
    code = Gaussian(D)(torch.full((B, 2 * D), value, requires_grad=True))
    assert 9e-4 < float(code.std.detach().min()) <= float(code.std.detach().max()) < 1.1e3
    assert bool(code.kl.isfinite().all())


@pytest.mark.parametrize("value", [-1e6, -1e4, -13.0, 13.0, 1e4, 1e6])
def test_an_extreme_log_variance_still_has_a_gradient(value: float) -> None:
    given = torch.full((1, 2), value, requires_grad=True)
    Gaussian(1)(given).std.log().sum().backward()
    assert given.grad is not None
    assert 0 < float(given.grad[0, 1]) < 0.5


def test_a_log_variance_is_left_as_it_is_where_training_goes() -> None:
    given = torch.linspace(-12, 12, 1001, dtype=torch.float64)[:, None]
    variance = Gaussian(1)(torch.cat([given, given], 1)).std.log() * 2
    torch.testing.assert_close(variance, given, rtol=0, atol=1e-12)
    steps = Gaussian(1)(torch.linspace(-60, 60, 2000)[:, None].expand(-1, 2)).std.diff(dim=0)
    assert bool((steps > 0).all())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_posterior_of_half_precision_features_is_computed_in_single(dtype: torch.dtype) -> None:
    code = Gaussian(D)(features(2 * D).to(dtype))
    assert code.z.dtype == code.std.dtype == code.kl.dtype == torch.float32


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_deterministic_code_is_the_activation_of_the_features(name: Activation) -> None:
    bottleneck, given = Deterministic(D, name), features(D, scale=3.0)
    torch.testing.assert_close(bottleneck(given).z, ACTIVATIONS[name].build()(given))
    assert bottleneck.features == bottleneck.latent_dim == D
    assert bottleneck.code_type is Code


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_lie_in_the_range_that_an_activation_tells(name: Activation) -> None:
    values = ACTIVATIONS[name].build()(torch.linspace(-50, 50, 100_001))
    low, high = ACTIVATIONS[name].range
    assert low <= float(values.min())
    assert float(values.max()) <= high
    if high < math.inf:
        assert float(values.max()) > high - 1e-3
    if low > -math.inf:
        assert float(values.min()) < low + 0.01


@pytest.mark.parametrize(
    "bottleneck",
    [Deterministic(D, name) for name in ("identity", "relu", "tanh", "sigmoid")] + [Gaussian(D)],
    ids=["identity", "relu", "tanh", "sigmoid", "gaussian"],
)
def test_the_slope_is_the_derivative_of_each_unit_by_its_feature(bottleneck: Bottleneck) -> None:
    given = features(bottleneck.features)
    slope = bottleneck.slope(bottleneck(given))
    jacobian = torch.func.vmap(torch.func.jacrev(lambda f: bottleneck(f[None]).z[0]))(given)
    assert slope is not None
    torch.testing.assert_close(torch.diag_embed(slope), jacobian[..., :D])
    assert float(jacobian[..., D:].abs().sum()) == 0


def test_other_slopes_are_left_to_the_jacobian() -> None:
    bottleneck = Deterministic(D, "gelu")
    assert bottleneck.slope(bottleneck(features(D))) is None


def test_bottlenecks_have_nothing_to_learn() -> None:
    parts: list[nn.Module] = [Gaussian(D), Deterministic(D)]
    assert not any(list(part.parameters()) for part in parts)
