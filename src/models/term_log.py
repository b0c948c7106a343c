"""Sums of loss terms over an epoch, kept on the device.

Logging every step costs a small model up to a quarter of its speed; here a step adds one entry to a list, and every
`WINDOW` steps the list is summed and looked through for values that are not finite.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from src.contracts import LossBreakdown
from src.errors import UserError

WINDOW = 50


class NonFiniteLoss(UserError):
    """A term of the loss became NaN or infinite."""


class TermLog:
    """Means over images of the loss and each of its terms."""

    def __init__(self) -> None:
        self.latest: dict[str, float] = {}
        """The means over the last window, for whoever shows progress."""
        self._reset()

    def _reset(self) -> None:
        self._names: list[str] = []
        self._recent: list[tuple[Tensor, int, int]] = []
        self._sums: Tensor | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was added since the last `finish`."""
        return not self._names

    def add(self, losses: LossBreakdown, images: int, step: int) -> None:
        """Take note of one batch."""
        self._names = list(losses.logged)
        self._recent.append((torch.stack(list(losses.logged.values())).detach(), images, step))
        if len(self._recent) >= WINDOW:
            self._flush()

    def finish(self, reduce: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """The means since the last call; `reduce` sums a tensor over all processes.

        Raises:
            NonFiniteLoss: names the first term that was not finite and its step.
        """
        if self._recent:
            self._flush()
        assert self._sums is not None, "no batch was added"
        sums, names = reduce(self._sums), self._names
        self._reset()
        return dict(zip(names, (sums[:-1] / sums[-1]).tolist(), strict=True))

    def _flush(self) -> None:
        values = torch.stack([value for value, _, _ in self._recent]).cpu().double()
        images = torch.tensor([n for _, n, _ in self._recent], dtype=values.dtype)
        sums = torch.cat([images @ values, images.sum()[None]])
        if not bool(sums.isfinite().all()):
            self._complain(values)
        self._sums = sums if self._sums is None else self._sums + sums
        self.latest = dict(zip(self._names, (sums[:-1] / sums[-1]).tolist(), strict=True))
        self._recent = []

    def _complain(self, values: Tensor) -> None:
        finite = values.isfinite()
        at = int((~finite).any(1).nonzero()[0])
        term = self._names[int((~finite[at, 1:]).nonzero()[0]) + 1] if not bool(finite[at, 1:].all()) else "loss"
        value = values[at, self._names.index(term)].item()
        raise NonFiniteLoss(f"the term '{term}' became {value} at step {self._recent[at][2]}")
