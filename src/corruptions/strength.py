"""A dial of a corruption that may change while training goes on."""

import math

import torch
from torch import Tensor, nn

from src.errors import UserError
from src.schedules import Schedule

_STEPS = 1000
"""At so many places a schedule is looked at for its lowest and highest value."""


class Strength(nn.Module):
    """A number, or what a schedule says at the present progress; `now` is read in a pass.

    What a schedule says lies in a tensor (no part of checkpoints), filled outside the compiled graph: for a Python
    number that changes, a compiled step would be compiled anew at each step.

    Args:
        dial: its key in a configuration, for the message.
        value: a number, or a schedule over training progress.
        low, high: between which values it must stay.
        positive: whether `low` itself is too little.
        whole: round what a schedule says to whole numbers.

    Raises:
        UserError: it leaves that range, or is not finite.
    """

    now: float | Tensor
    """The number; of a schedule, a tensor ()."""

    def __init__(
        self,
        dial: str,
        value: float | Schedule,
        low: float = 0.0,
        high: float = math.inf,
        positive: bool = False,
        whole: bool = False,
    ) -> None:
        super().__init__()
        self.schedule, self.whole = (value if isinstance(value, Schedule) else None), whole
        seen = [self._at(i / _STEPS) for i in range(_STEPS + 1)] if isinstance(value, Schedule) else [value]
        self.least, self.most = min(seen), max(seen)
        if not all(map(math.isfinite, seen)):
            found = "follows a schedule that does not stay finite" if self.schedule else f"is {value:g}"
            raise UserError(f"{dial} {found}, but it must always be finite. Use another number or schedule for it.")
        if self.least < low or self.most > high or (positive and self.least <= low):
            runs = f"runs from {seen[0]:g} to {seen[-1]:g}" if self.schedule else f"is {value:g}"
            bounds = f"above {low:g}" if positive else f"{low:g} or more"
            bounds = bounds if math.isinf(high) else f"between {low:g} and {high:g}"
            raise UserError(f"{dial} {runs}, but it must always be {bounds}. Use another number or schedule for it.")
        if self.schedule:
            self.register_buffer("now", torch.tensor(seen[-1]), persistent=False)
        else:
            self.now = seen[0]

    @property
    def scheduled(self) -> bool:
        """Whether it changes with progress."""
        return self.schedule is not None

    def follow(self, progress: float) -> None:
        """Take the value at training progress in [0, 1]."""
        if isinstance(self.now, Tensor):
            self.now.fill_(self._at(progress))

    def _at(self, progress: float) -> float:
        assert self.schedule is not None
        value = float(self.schedule(progress))
        return float(round(value)) if self.whole else value
