"""Priors against torch.distributions."""

import math

import torch
from torch.distributions import MultivariateNormal

from src.priors import StandardNormal


def test_the_log_density_is_that_of_torch_for_any_leading_shape() -> None:
    z = torch.randn(7, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double()).log_prob(z)
    torch.testing.assert_close(StandardNormal(3).log_prob(z), expected)


def test_samples_have_zero_mean_and_unit_covariance() -> None:
    torch.manual_seed(0)
    n = 50_000
    z = StandardNormal(4).sample(n)
    assert z.shape == (n, 4)
    assert z.mean(0).abs().max() < 4 / math.sqrt(n)
    assert (z.T @ z / n - torch.eye(4)).abs().max() < 5 * math.sqrt(2 / n)


def test_samples_follow_the_type_of_the_module_and_nothing_is_saved_or_learned() -> None:
    prior = StandardNormal(2).double()
    assert prior.sample(3).dtype == torch.float64
    assert prior.state_dict() == {}
    assert list(prior.parameters()) == []
