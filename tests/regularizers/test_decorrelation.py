"""Squared covariances, against numpy."""

import numpy as np
import pytest
import torch

from src.regularizers import Decorrelation
from tests.regularizers.passes import NO_MODEL, normal, pass_of


@pytest.mark.parametrize("width", [3, 8, 20], ids=lambda d: f"{d} units of 8 images")
def test_it_sums_the_squared_covariances_of_all_pairs_of_units(width: int) -> None:
    z = normal(8, width) @ normal(width, width, seed=1)
    covariance = np.cov(z.T.numpy(), bias=True)
    expected = (covariance[np.triu_indices(width, 1)] ** 2).sum()
    assert float(Decorrelation(1.0)(pass_of(z), NO_MODEL)) == pytest.approx(expected)


def test_units_that_do_not_go_together_cost_nothing() -> None:
    z = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert float(Decorrelation(1.0)(pass_of(5 * z + 7), NO_MODEL)) == 0
