"""Whether values are numbers that can be trained on, and between which ends they lie: looked at a few at a time."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from src.data.example_set import BARE
from src.errors import UserError

NUMBERS_AT_ONCE = 2**22
LARGEST = torch.finfo(torch.float32).max


def ends_of(values: Tensor, where: str) -> tuple[float, float]:
    """The lowest and the highest of all values (N, ...).

    Raises:
        UserError: some are NaN, infinite, or larger than float32 holds; the message counts them and names the first.
    """
    low, high = math.inf, -math.inf
    for chunk in chunks(values):
        least, most = (float(end) for end in chunk.aminmax())
        if not (least >= -LARGEST and most <= LARGEST):  # so it is with NaN, too
            raise _not_finite(values, where)
        low, high = min(low, least), max(high, most)
    return low, high


def _not_finite(values: Tensor, where: str) -> UserError:
    first, nans, infinite, done = None, 0, 0, 0
    for chunk in chunks(values):
        nan, large = chunk.isnan(), chunk.abs() > LARGEST
        nans, infinite = nans + int(nan.sum()), infinite + int(large.sum())
        if first is None and bool((nan | large).any()):
            row, *rest = (nan | large).nonzero()[0].tolist()
            first = (done + row, *rest)
        done += len(chunk)
    return UserError(
        f"{where} has {nans:,} NaN and {infinite:,} infinite values (or beyond {LARGEST:.2g}), the first at "
        f"{list(first or ())}; leave these examples out or fill them in, e.g. by np.nan_to_num."
    )


def chunks(values: Tensor, rows: Tensor | None = None) -> Iterator[Tensor]:
    """A few examples at a time: all of them, or those at `rows`."""
    size = max(1, NUMBERS_AT_ONCE // math.prod(values.shape[1:]))
    parts = values.split(size) if rows is None else (values[some] for some in rows.split(size))
    for part in parts:
        yield part.to(BARE.get(part.dtype, part.dtype))
