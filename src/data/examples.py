"""Examples as a source hands them over."""

from typing import NamedTuple

import torch
from torch import Tensor

from src.data.split import cut


class Examples(NamedTuple):
    """Some of the values of a store; several may share one store, so that a split copies nothing."""

    values: Tensor
    """(M, *shape) of any real type, in memory or memory-mapped."""
    labels: Tensor
    """(N,) int64, -1 where there is none."""
    factors: dict[str, Tensor]
    """What each example was made from, (N,) each; empty where that is not known."""
    rows: Tensor | None = None
    """(N,) int64, which of the M values these are; None for all in order, M = N."""

    def take(self, index: Tensor | slice) -> "Examples":
        """The examples at `index`."""
        rows = torch.arange(len(self.labels)) if self.rows is None else self.rows
        return Examples(self.values, self.labels[index], {k: v[index] for k, v in self.factors.items()}, rows[index])

    def cut(self, fraction: float, seed: int) -> tuple["Examples", "Examples"]:
        """(the rest, `fraction` of the examples), stratified by label."""
        rest, part = cut(self.labels, fraction, seed)
        return self.take(rest), self.take(part)
