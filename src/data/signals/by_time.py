"""One series parted by time: where the parts end, what is missing in them, and their windows."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from src.data.arrays.finite import LARGEST
from src.data.signals.measurements import Measurements
from src.errors import UserError

PIECE = 2**20
"""Numbers looked at together, so that memory does not grow with the series."""


def parts(rows: int, val_fraction: float, test_fraction: float) -> tuple[slice, slice, slice]:
    """The rows to train on, then those to validate on (a share of what is not the test's), then those to test on."""
    test = rows - round(rows * test_fraction)
    val = test - round(test * val_fraction)
    return slice(0, val), slice(val, test), slice(test, rows)


def pieces(values: Tensor) -> Sequence[Tensor]:
    """values (T, C) a few rows at a time, as views."""
    return values.split(max(PIECE // values.shape[1], 1))


def windows(values: Tensor, length: int, stride: int) -> Tensor:
    """Views (N, C, length) of values (T, C), each `stride` rows after the last; they take no memory of their own."""
    return values.unfold(0, length, stride)


def gaps(found: Measurements) -> tuple[int, str]:
    """How many values are NaN, infinite or too large for 32 bits, and where the first is."""
    count, where, above = 0, "", 0
    for piece in pieces(found.values) if found.values.is_floating_point() else ():
        bad = ~piece.float().isfinite()
        here = int(bad.sum())
        if here and not count:
            row, column = bad.nonzero()[0].tolist()
            where = f"row {above + row + 1} of column '{found.names[column]}'"
        count, above = count + here, above + len(piece)
    return count, where


def bridged(found: Measurements, within: Sequence[slice]) -> Measurements:
    """A copy without gaps: straight lines between the neighbours, or the nearest value at an end.

    Each of the parts `within` is bridged on its own, so that none knows of another.

    Raises:
        UserError: a column has no value in a part.
    """
    values = found.values.numpy().copy()  # of floats, for others have no gaps
    for part in within:
        place = np.arange(len(values[part]))
        for column, name in zip(values[part].T, found.names, strict=True):
            known = np.abs(column) <= LARGEST  # neither is NaN
            if not known.any():
                raise UserError(
                    f"column '{name}' has no value in rows {part.start + 1} to {part.stop}, so there is nothing to "
                    "interpolate from; choose other columns by 'data.columns=[...]'."
                )
            column[~known] = np.interp(place[~known], place[known], column[known])
    return Measurements(torch.from_numpy(values), found.names)
