"""Schedules: maps from training progress in [0, 1] to a number.

One concept for two uses: the weight of a loss term, and the factor on the learning rate. Outside training a term's
schedule stands at its end, so that `val/loss` means the same at the first epoch and at the last.
"""

import math
from abc import ABC, abstractmethod

from src.errors import UserError
from src.ranges import Fraction, NonNegativeFloat, OpenFraction, PositiveFloat, PositiveInt


class Schedule(ABC):
    """A number that follows from training progress."""

    @abstractmethod
    def __call__(self, progress: float) -> float:
        """The value at `progress`, 0 at the first step and 1 after the last."""


class Linear(Schedule):
    """From `start` to `end` in a straight line between the progress values `begin` and `until`."""

    def __init__(self, start: float, end: float, begin: Fraction = 0.0, until: Fraction = 1.0) -> None:
        if begin >= until:
            raise UserError(f"a linear schedule needs begin < until, got begin={begin} and until={until}")
        self.start, self.end, self.begin, self.until = start, end, begin, until

    def __call__(self, progress: float) -> float:
        share = min(1.0, max(0.0, (progress - self.begin) / (self.until - self.begin)))
        return self.start + (self.end - self.start) * share


class Cosine(Schedule):
    """Half a cosine from `start` to `end` (Loshchilov & Hutter 2017, without restarts), after a linear warm-up.

    Args:
        warmup: the share of training in which the value rises from 0 to `start`.
    """

    def __init__(self, start: float = 1.0, end: float = 0.0, warmup: Fraction = 0.0) -> None:
        self.start, self.end, self.warmup = start, end, warmup

    def __call__(self, progress: float) -> float:
        if progress < self.warmup:
            return self.start * progress / self.warmup
        share = (progress - self.warmup) / (1 - self.warmup) if self.warmup < 1 else 1.0
        return self.end + (self.start - self.end) * 0.5 * (1 + math.cos(math.pi * min(1.0, share)))


class Steps(Schedule):
    """`start`, multiplied by `factor` at each of the progress values in `at`."""

    def __init__(self, at: list[OpenFraction], factor: PositiveFloat = 0.1, start: NonNegativeFloat = 1.0) -> None:
        self.at, self.factor, self.start = sorted(at), factor, start

    def __call__(self, progress: float) -> float:
        return float(self.start * self.factor ** sum(progress >= point for point in self.at))


class Cyclic(Schedule):
    """`cycles` times from `start` up to `end` in a straight line, to stay there until the next cycle.

    Fu et al., "Cyclical annealing schedule: a simple approach to mitigating KL vanishing", NAACL 2019.

    Args:
        rise: the share of each cycle in which the value rises.
    """

    def __init__(self, start: float = 0.0, end: float = 1.0, cycles: PositiveInt = 4, rise: Fraction = 0.5) -> None:
        self.start, self.end, self.cycles, self.rise = start, end, cycles, rise

    def __call__(self, progress: float) -> float:
        through = progress * self.cycles % 1.0 if progress < 1 else 1.0  # the last cycle has no successor
        return float(self.end if through >= self.rise else self.start + (self.end - self.start) * through / self.rise)


Weight = NonNegativeFloat | Schedule
"""The weight of a term: a number, or a schedule."""
