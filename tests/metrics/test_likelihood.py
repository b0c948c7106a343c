"""The importance-sampled log-likelihood against a marginal in closed form."""

import math

import pytest
import torch
from torch import Tensor

from src.metrics import log_likelihood
from src.metrics.likelihood import bits_per_dim
from src.models import VariationalAutoencoder
from src.noise import FreshNoise, IndexedNoise
from tests.linear_gaussian import Toy, linear_gaussian


def estimated(toy: Toy, samples: int, chunk: int = 1000) -> Tensor:
    noise = IndexedNoise(0, toy.batch.index)
    with torch.no_grad():
        return log_likelihood(toy.model, toy.batch.x, None, noise, samples, chunk)


def test_with_the_exact_posterior_any_number_of_samples_gives_the_exact_marginal() -> None:
    toy = linear_gaussian(VariationalAutoencoder, spread=1.0)
    exact = toy.marginal.log_prob(toy.batch.x.flatten(1))
    for samples in (1, 2, 7):
        torch.testing.assert_close(estimated(toy, samples), exact)


def test_with_another_posterior_it_comes_near_and_from_below() -> None:
    toy = linear_gaussian(VariationalAutoencoder, n=2000)
    exact = toy.marginal.log_prob(toy.batch.x.flatten(1))
    few, more, many = ((estimated(toy, samples) - exact).mean().item() for samples in (1, 10, 300))
    assert few < 3 * more < 0
    assert more < -0.01
    assert abs(many) < 0.005


def test_what_is_decoded_at_once_is_bounded_and_changes_nothing() -> None:
    toy, widths = linear_gaussian(VariationalAutoencoder), []
    decode = toy.model.decode

    def watched(z: Tensor, y: Tensor | None = None) -> Tensor:
        widths.append(len(z))
        return decode(z, y)

    toy.model.decode = watched  # type: ignore[method-assign]
    values = [estimated(toy, 37, chunk) for chunk in (1, 40, 1000)]
    torch.testing.assert_close(values[0], values[1])
    torch.testing.assert_close(values[0], values[2])
    assert widths == [4] * 37 + [40, 40, 40, 28] + [148]


def test_weights_beyond_the_reach_of_floats_are_summed_in_logarithms() -> None:
    toy = linear_gaussian(VariationalAutoencoder, spread=1.0)
    far = toy.batch._replace(x=toy.batch.x + 100)  # log p(x) is about -30,000
    found = log_likelihood(toy.model, far.x, None, FreshNoise(), 5, 8)
    torch.testing.assert_close(found, toy.marginal.log_prob(far.x.flatten(1)))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_it_is_computed_in_single_precision_at_least(dtype: torch.dtype) -> None:
    toy = linear_gaussian(VariationalAutoencoder, spread=1.0)
    exact = toy.marginal.log_prob(toy.batch.x.flatten(1)).float()
    model, batch = toy.model.to(dtype), toy.batch._replace(x=toy.batch.x.to(dtype))
    found = estimated(Toy(model, toy.marginal, batch), 300)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, exact, rtol=0.05 if dtype == torch.bfloat16 else 1e-5, atol=0)
    assert math.isfinite(found.sum().item())


def test_bits_do_not_depend_on_the_range_that_the_same_images_are_brought_to() -> None:
    """Four independent normal pixels of deviation 1/8 around 1/2 have (log2(2 pi e) / 2 - 3) bits each on average."""
    exact = math.log2(2 * math.pi * math.e) / 2 - 3
    for low, high in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        entropy = torch.distributions.Normal(low, (high - low) / 8).entropy()
        assert bits_per_dim(-4 * float(entropy), (1, 2, 2), (low, high)) == pytest.approx(exact, rel=1e-5)
    nats = torch.tensor([-8 * math.log(2), 4 * math.log(2)])
    assert bits_per_dim(nats, (4,), (-math.inf, math.inf)).tolist() == pytest.approx([2, -1])
