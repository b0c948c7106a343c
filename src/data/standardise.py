"""Shift and scale of each channel, found on what is trained on, a piece at a time."""

import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from src.data.arrays.labels import listed
from src.ranges import UNBOUNDED


class Affine(NamedTuple):
    """(stored - shift) / scale, numbers or one for each feature or channel, shaped to stand beside an example."""

    shift: Tensor | float
    scale: Tensor | float


def fitted(pieces: Iterable[Tensor], axis: int, value_range: tuple[float, float], names: Sequence[str]) -> Affine:
    """What brings C channels to mean 0 and deviation 1, or their lowest and highest value to the ends of the range.

    Both are (C, 1) float64. A channel with one value in all pieces is shifted to 0 (or the lower end) and stays there:
    its scale is infinite, and it is named in a warning.

    Args:
        pieces: of what is trained on, any shape and real type, C long along `axis`.
        value_range: `UNBOUNDED`, or its two ends.
        names: of the C channels.
    """
    rows, found = zip(*((piece.numel() // len(names), _statistics(piece, axis)) for piece in pieces), strict=True)
    low, high, means, variances = torch.stack(found).unbind(1)  # (pieces, C) each
    low, high = low.amin(0), high.amax(0)
    share = torch.tensor(rows, dtype=torch.float64)[:, None] / sum(rows)
    mean = (share * means).sum(0)
    deviation = (share * (variances + (means - mean).square())).sum(0).sqrt()
    shift, scale = (mean, deviation) if value_range == UNBOUNDED else (low, high - low)
    still = (low == high) | (scale == 0)  # the squares of tiny numbers are 0
    warn_of_constant([name for name, is_still in zip(names, still.tolist(), strict=True) if is_still], len(names))
    return Affine(shift[:, None], scale.masked_fill(still, torch.inf)[:, None])


def warn_of_constant(names: list[str], among: int) -> None:
    """Warn of features with one value in training, which stay at 0 (or at the lower end of the range)."""
    if names:
        warnings.warn(
            f"{len(names):,} of {among:,} are constant in training ({listed(names)}) and carry nothing: they stay at "
            "their mean, whatever they hold elsewhere.",
            stacklevel=2,
        )


def _statistics(piece: Tensor, axis: int) -> Tensor:
    """Lowest, highest, mean and variance of each channel, (4, C) float64."""
    over = [i for i in range(piece.ndim) if i != axis]
    x = piece if piece.dtype in (torch.float32, torch.float64) else piece.double()
    variance, mean = torch.var_mean(x, over, correction=0)
    if not variance.isfinite().all():  # the squares are more than float32 holds
        variance, mean = torch.var_mean(x.double(), over, correction=0)
    return torch.stack([x.amin(over), x.amax(over), mean, variance]).double()
