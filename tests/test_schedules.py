"""Schedules at the points where their value is known."""

import math

import pytest

from src.errors import UserError
from src.schedules import Cosine, Cyclic, Linear, Schedule, Steps


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (Linear(0.0, 1.0), {0: 0, 0.25: 0.25, 1: 1}),
        (Linear(2.0, -1.0), {0: 2, 0.5: 0.5, 1: -1}),
        (Linear(0.0, 4.0, begin=0.2, until=0.6), {0: 0, 0.2: 0, 0.3: 1, 0.4: 2, 0.6: 4, 1: 4}),
        (Cosine(), {0: 1, 0.25: 0.5 * (1 + math.sqrt(0.5)), 0.5: 0.5, 1: 0}),
        (Cosine(3.0, 1.0), {0: 3, 0.5: 2, 1: 1}),
        (Cosine(2.0, 0.0, warmup=0.2), {0: 0, 0.1: 1, 0.2: 2, 0.6: 1, 1: 0}),
        (Cosine(2.0, 0.5, warmup=1.0), {0: 0, 0.5: 1, 1: 0.5}),
        (Steps([0.75, 0.5], factor=0.1), {0: 1, 0.49: 1, 0.5: 0.1, 0.74: 0.1, 0.75: 0.01, 1: 0.01}),
        (Steps([0.5], factor=2.0, start=3.0), {0: 3, 1: 6}),
        (Steps([]), {0: 1, 1: 1}),
        (Cyclic(), {0: 0, 0.0625: 0.5, 0.125: 1, 0.2: 1, 0.25: 0, 0.5: 0, 0.8125: 0.5, 0.875: 1, 0.99: 1, 1: 1}),
        (Cyclic(1.0, 3.0, cycles=2, rise=0.8), {0: 1, 0.2: 2, 0.4: 3, 0.49: 3, 0.5: 1, 0.9: 3, 1: 3}),
        (Cyclic(0.0, 2.0, cycles=2, rise=1.0), {0: 0, 0.25: 1, 0.5: 0, 0.75: 1, 1: 2}),
        (Cyclic(rise=0.0), {0: 1, 0.3: 1, 1: 1}),
    ],
)
def test_known_values(schedule: Schedule, values: dict[float, float]) -> None:
    assert {progress: schedule(progress) for progress in values} == pytest.approx(values)


@pytest.mark.parametrize("schedule", [Linear(0, 1, 0.1, 0.9), Cosine(1, 0.1, 0.3), Steps([0.2, 0.4]), Cyclic(0, 1)])
def test_values_are_plain_numbers_and_stand_still_after_the_end(schedule: Schedule) -> None:
    assert type(schedule(0.5)) is float
    assert schedule(1.0) == schedule(1.5)


@pytest.mark.parametrize(("begin", "until"), [(0.5, 0.5), (0.6, 0.4)])
def test_a_line_needs_a_beginning_before_its_end(begin: float, until: float) -> None:
    with pytest.raises(UserError, match=f"begin < until, got begin={begin} and until={until}"):
        Linear(0.0, 1.0, begin, until)
