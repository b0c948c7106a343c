"""In how many directions codes spread, and what their units do."""

import pytest
import torch

from src.metrics.spectra import effective_rank, singular_values
from src.metrics.units import active_units, awake_units, dead_units, varying_units

SIGNS = torch.tensor([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
"""Columns of mean 0, variance 1 and no correlation."""


def test_codes_alike_in_all_directions_have_full_effective_rank() -> None:
    z = SIGNS.repeat(5, 1) + 7
    torch.testing.assert_close(singular_values(z), torch.ones(3, dtype=torch.float64))
    assert effective_rank(singular_values(z)) == pytest.approx(3)


def test_codes_on_a_line_have_effective_rank_one() -> None:
    z = torch.linspace(0, 1, 40)[:, None] * torch.tensor([[1.0, -2.0, 0.5]])
    assert effective_rank(singular_values(z)) == pytest.approx(1, abs=1e-4)
    assert effective_rank(singular_values(torch.ones(6, 2))) == 0


def test_effective_rank_by_hand() -> None:
    """Of singular values 2, 1, 1: exp(1/2 log 2 + 2 * 1/4 log 4) = 2^1.5."""
    z = SIGNS * torch.tensor([2.0, 1.0, 1.0])
    torch.testing.assert_close(singular_values(z), torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64))
    assert effective_rank(singular_values(z)) == pytest.approx(2**1.5)


def test_active_units_are_those_with_a_variance_above_a_hundredth() -> None:
    z = SIGNS * torch.tensor([0.11, 0.09, 0.0]) + 5  # variances 0.0121, 0.0081, 0
    assert active_units(z) == 1


def test_varying_units_do_not_see_the_scale() -> None:
    z = SIGNS * torch.tensor([1.0, 0.11, 0.09])
    assert varying_units(z) == varying_units(1000 * z) == 2
    assert varying_units(torch.ones(4, 3)) == 0


def test_awake_and_dead_units_are_told_by_an_exact_zero() -> None:
    z = torch.tensor([[1.0, 0, 0, 0], [2.0, -1e-9, 0, 0]])
    assert awake_units(z).tolist() == [1, 2]
    assert dead_units(z) == 2
    assert dead_units(z, torch.tensor([[0.0, 0, 0, 3]])) == 1
