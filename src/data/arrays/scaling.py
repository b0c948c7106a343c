"""Shift and scale of arrays, found in passes over them a few examples at a time: what is memory-mapped stays there."""

import math
from typing import Literal

import torch

from src.data.arrays.finite import chunks
from src.data.examples import Examples
from src.data.standardise import Affine, fitted
from src.errors import UserError
from src.ranges import UNBOUNDED

Scaling = Literal["auto", "none", "minmax", "standard"]


def scaling_of(
    scaling: Scaling, range: tuple[float, float], found: tuple[float, float], train: Examples, where: str
) -> Affine:
    """What maps the stored values to [0, 1], which becomes `range`; or, where that has no ends, to what is trained on.

    - "none": the values are in `range` already;
    - "minmax": the lowest and the highest of training go to its ends, and others may lie beyond;
    - "standard": mean 0 and standard deviation 1 in training, for a range without ends;
    - "auto": standard without ends; else uint8 is 0 to 255 (or 0 and 1, where there is no more); what lies in [0, 1]
      is taken for black to white; what lies in `range` stays; anything else is minmax.

    The last two act on each feature or channel by itself and are fitted on the training examples only.

    Args:
        found: the lowest and the highest value of all.
        train: what is trained on.
        where: where the values come from, for messages.

    Raises:
        UserError: the range and this scaling do not go together, or values lie outside.
    """
    low, high = range
    if scaling == "auto":
        scaling = _chosen(range, found, train.values.dtype)
        if scaling == "auto":
            return Affine(0.0, 255.0 if found[1] > 1 else 1.0)
    if scaling == "none":
        _check_within(range, found, where)
        return Affine(0.0, 1.0) if range == UNBOUNDED else Affine(low, high - low)
    if (scaling == "standard") != (range == UNBOUNDED):
        mend = (
            "leaves values without ends; type data.range=null beside it."
            if scaling == "standard"
            else "needs ends to map to, and data.range=null has none; type data.scaling=standard, or data.range=[0,1]."
        )
        raise UserError(f"data.scaling={scaling} {mend}")
    pieces = chunks(train.values, train.rows)
    beside = (-1, *[1] * (train.values.dim() - 2))  # (C, 1, 1) and the like stand beside an example
    return Affine(*(torch.as_tensor(part).view(beside) for part in fitted(pieces, 1, range, _names(train))))


def _chosen(range: tuple[float, float], found: tuple[float, float], dtype: torch.dtype) -> Scaling:
    """What "auto" comes to; "auto" itself where black and white are known."""
    if range == UNBOUNDED:
        return "standard"
    if dtype == torch.uint8 or (found[0] >= 0 and found[1] <= 1):
        return "auto"
    return "none" if range[0] <= found[0] and found[1] <= range[1] else "minmax"


def _check_within(range: tuple[float, float], found: tuple[float, float], where: str) -> None:
    if found[0] < range[0] or found[1] > range[1]:
        step = 10.0 ** math.floor(math.log10(found[1] - found[0] or 1)) / 100
        low, high = math.floor(found[0] / step) * step, math.ceil(found[1] / step) * step
        raise UserError(
            f"data.scaling=none takes values as they are, but those of {where} lie between {found[0]:.6g} and "
            f"{found[1]:.6g}, outside data.range=[{range[0]:g},{range[1]:g}]; type data.range=[{low:g},{high:g}], or "
            "data.scaling=minmax, or data.scaling=standard data.range=null."
        )


def _names(train: Examples) -> list[str]:
    what = "feature" if train.values.dim() == 2 else "channel"
    return [f"{what} {i}" for i in range(train.values.shape[1])]
