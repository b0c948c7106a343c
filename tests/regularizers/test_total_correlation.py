"""The total correlation of normal variables, against the closed form."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, kl_divergence

from src.regularizers import TotalCorrelation
from tests.regularizers.passes import NO_MODEL, normal, pass_of


def measured(z: Tensor, noise: float = 0.01) -> float:
    return float(TotalCorrelation(1.0, noise)(pass_of(z), NO_MODEL))


def test_of_two_units_it_is_their_mutual_information() -> None:
    a, b = normal(50, 2).T
    a, b = a - a.mean(), b - b.mean()
    b = b - a * (a @ b) / (a @ a)  # now exactly uncorrelated
    a, b = a / a.norm(), b / b.norm()
    z = torch.stack([a, 0.6 * a + 0.8 * b], 1)
    assert measured(z, 1e-6) == pytest.approx(-0.5 * math.log(1 - 0.6**2), rel=1e-4)
    assert measured(torch.stack([a, b], 1), 1e-6) == pytest.approx(0, abs=1e-6)


def test_it_is_the_divergence_of_the_joint_normal_from_the_product_of_its_marginals() -> None:
    z = normal(200, 4) @ normal(4, 4, seed=1)
    covariance = torch.cov(z.T, correction=0)
    joint = MultivariateNormal(z.mean(0), covariance)
    product = MultivariateNormal(z.mean(0), covariance.diagonal().diag())
    assert measured(z, 1e-7) == pytest.approx(float(kl_divergence(joint, product)), rel=1e-4)


@pytest.mark.parametrize("width", [3, 8, 20], ids=lambda d: f"{d} units of 8 images")
@pytest.mark.parametrize("noise", [0.01, 0.3])
def test_independent_noise_shrinks_the_correlations(width: int, noise: float) -> None:
    z = normal(8, width) @ normal(width, width, seed=1)
    correlations = (1 - noise) * np.corrcoef(z.T.numpy()) + noise * np.eye(width)
    assert measured(z, noise) == pytest.approx(-0.5 * np.linalg.slogdet(correlations)[1], rel=1e-6)


def test_the_scale_of_units_is_nothing_to_it() -> None:
    z = normal(30, 3) @ normal(3, 3, seed=1)
    assert measured(z * torch.tensor([0.01, 1.0, 300.0])) == pytest.approx(measured(z), rel=1e-4)


def test_a_constant_unit_depends_on_no_other() -> None:
    z = normal(30, 3) @ normal(3, 3, seed=1)
    more = torch.cat([z, torch.full((30, 2), 4.0)], 1)
    assert measured(more) == pytest.approx(measured(z), rel=1e-9)
    assert measured(more[:4]) == pytest.approx(measured(z[:4]), rel=1e-9)  # and with fewer images than units


def test_two_equal_units_cost_much_but_not_infinity() -> None:
    z = normal(30, 1).expand(-1, 2)
    assert measured(z) == pytest.approx(-0.5 * math.log(1 - 0.99**2), rel=1e-6)
    assert measured(normal(1, 5)) == pytest.approx(0, abs=1e-9)
