"""Codes that are the factors, and codes that mix them."""

import pytest
import torch
from torch import Tensor

from src.metrics.disentanglement import dci, mutual_information_gap

LEVELS = 4


def grid() -> dict[str, Tensor]:
    """Three factors of whole numbers in every combination, five times: exactly independent."""
    axes = torch.cartesian_prod(*[torch.arange(LEVELS)] * 3).repeat(5, 1)
    return dict(zip("abc", axes.T, strict=True))


def numbers(n: int = 3000) -> dict[str, Tensor]:
    """Two independent uniform numbers."""
    return dict(zip("ab", torch.rand(2, n, generator=torch.Generator().manual_seed(0)), strict=True))


def columns(*units: Tensor) -> Tensor:
    return torch.stack([unit.float() for unit in units], 1)


def test_codes_that_are_the_factors_have_a_gap_of_one() -> None:
    f = grid()
    assert mutual_information_gap(columns(f["c"], f["a"], f["b"]), f) == pytest.approx(1)
    assert mutual_information_gap(columns(-2.0 * f["a"], f["b"].exp(), f["c"], 0 * f["c"]), f) == pytest.approx(1)


def test_factors_told_twice_have_no_gap() -> None:
    f = grid()
    assert mutual_information_gap(columns(*f.values(), *f.values()), f) == pytest.approx(0)


def test_the_gap_of_half_a_factor_by_hand() -> None:
    """A unit that tells whether `a` is over 1 knows log 2 of its log 4 nats, and another knows all of it: 1 - 1/2."""
    f = grid()
    gap = mutual_information_gap(columns(f["a"], f["a"] > 1), {"a": f["a"]})
    assert gap == pytest.approx(0.5)


def test_the_gap_of_numbers() -> None:
    """Counting 3,000 examples in 20 x 20 cells finds about 19 * 19 / 6000 = 0.06 of 3 nats that are not there."""
    f = numbers()
    assert mutual_information_gap(columns(*f.values()), f) == pytest.approx(1, abs=0.03)
    turned = columns(f["a"] + f["b"], f["a"] - f["b"])
    assert mutual_information_gap(turned, f) == pytest.approx(0, abs=0.03)


def test_codes_that_are_the_factors_are_disentangled_complete_and_informative() -> None:
    f = grid()
    z = columns(f["b"], f["c"], f["a"])
    assert dci(z, f, z, f, seed=0) == pytest.approx((1, 1, 1))


def test_units_that_say_nothing_do_not_count_against_disentanglement() -> None:
    """Each unit counts by its share of all importance: a constant one by none."""
    f = grid()
    z = columns(f["b"], f["c"], f["a"], 0 * f["a"], 0 * f["a"])
    assert dci(z, f, z, f, seed=0) == pytest.approx((1, 1, 1))


def test_codes_that_are_numbers_are_nearly_so_and_turned_ones_are_not() -> None:
    f = numbers()
    straight = columns(*f.values())
    assert min(dci(straight, f, straight, f, seed=0)) > 0.95
    turned = columns(f["a"] + f["b"], f["a"] - f["b"])
    mixed = dci(turned, f, turned, f, seed=0)
    assert mixed.disentanglement < 0.1
    assert mixed.completeness < 0.1
    assert mixed.informativeness > 0.9


def test_a_factor_told_by_two_units_is_disentangled_but_not_complete() -> None:
    """Each unit stands for one factor, and no unit tells all of `a`: half of its bits lie in each of two units."""
    f = grid()
    told = {name: f[name] for name in ("a", "b")}
    z = columns(f["a"] % 2, f["a"] // 2, f["b"])
    found = dci(z, told, z, told, seed=0)
    assert found.disentanglement == pytest.approx(1)
    assert found.informativeness == pytest.approx(1)
    assert 0.5 < found.completeness < 0.9


def test_codes_that_know_nothing_explain_nothing() -> None:
    f = numbers()
    z, z_test = torch.randn(2, 3000, 3, generator=torch.Generator().manual_seed(1))
    assert dci(z, f, z_test, f, seed=0).informativeness == pytest.approx(0, abs=0.02)
    same = torch.ones(3000, 3)
    assert dci(same, f, same, f, seed=0) == pytest.approx((0, 0, 0), abs=1e-6)
