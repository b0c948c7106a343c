"""Figures and their intervals."""

import math

import pytest
import torch

from src.scorecard.findings import Measured, interval, mean_of

VALUES = torch.randn(1500, generator=torch.Generator().manual_seed(3), dtype=torch.float64) * 2 + 5


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    found = mean_of(VALUES, "lower", "nats")
    half = 1.96 * float(VALUES.std(correction=0)) / math.sqrt(len(VALUES))
    assert found.value == pytest.approx(float(VALUES.mean()))
    assert found.low == pytest.approx(found.value - half, abs=0.15 * half)
    assert found.high == pytest.approx(found.value + half, abs=0.15 * half)
    assert (found.n, found.better, found.unit) == (1500, "lower", "nats")


def test_equal_values_leave_nothing_open() -> None:
    found = mean_of(torch.full((40,), 3.0))
    assert (found.value, found.low, found.high) == (3.0, 3.0, 3.0)


def test_one_example_alone_has_no_interval() -> None:
    found = mean_of(torch.tensor([3.0]), "lower")
    assert (found.value, found.low, found.high, found.resampled, found.n) == (3.0, None, None, None, 1)
    assert mean_of(torch.tensor([3.0, 3.0])).low == 3.0


def test_two_contenders_are_resampled_alike() -> None:
    one, other, another = mean_of(VALUES), mean_of(VALUES + 0.25), mean_of(VALUES, seed=1)
    assert one.resampled is not None
    assert other.resampled is not None
    assert another.resampled is not None
    torch.testing.assert_close(other.resampled - one.resampled, torch.full((1000,), 0.25, dtype=torch.float64))
    assert interval(another.resampled - one.resampled)[0] < 0 < interval(another.resampled - one.resampled)[1]


def test_large_sets_are_resampled_in_parts_that_make_one_whole() -> None:
    many = torch.arange(2**13, dtype=torch.float64)  # more than fits into one draw of all resamples
    found = mean_of(many)
    assert found.resampled is not None
    assert len(found.resampled) == 1000
    assert found.value == pytest.approx((2**13 - 1) / 2)


def test_a_falling_function_swaps_the_ends() -> None:
    found = mean_of(VALUES, "lower").through(lambda value: -10 * torch.log10(value), "higher", "dB")
    before = mean_of(VALUES)
    assert before.low is not None
    assert before.high is not None
    assert found.value == pytest.approx(-10 * math.log10(before.value))
    assert found.low == pytest.approx(-10 * math.log10(before.high))
    assert found.high == pytest.approx(-10 * math.log10(before.low))
    assert (found.better, found.unit, found.n) == ("higher", "dB", 1500)


def test_a_figure_without_an_interval_has_none_after_it_either() -> None:
    assert Measured(4.0).through(torch.sqrt) == Measured(2.0)
