"""Labels of any kind as class numbers with names."""

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from src.errors import UserError

NAMED = 5
"""How many of a list a message names."""


def numbered(parts: Sequence[tuple[np.ndarray, str]]) -> tuple[list[Tensor], tuple[str, ...]]:
    """The labels of each part as (N,) int64 in [0, K), and the K names: the values that occur in any part, in order.

    So labels may start at 1, have gaps, be negative, or be text. Each part is (N,) or (N, 1), with where it comes from.

    Raises:
        UserError: they are no whole numbers and no text, or not one for each example.
    """
    flat = [_plain(labels, where) for labels, where in parts]
    if len({labels.dtype.kind for labels in flat}) > 1:
        raise UserError(
            f"the labels in {parts[0][1]} and {parts[1][1]} are not alike: numbers and text; save one kind."
        )
    values, numbers = np.unique(np.concatenate(flat), return_inverse=True)
    ends = np.cumsum([len(labels) for labels in flat])[:-1]
    names = tuple(str(value) for value in values)
    found = [torch.from_numpy(part.astype(np.int64)) for part in np.split(numbers.reshape(-1), ends)]
    warn_of_single(torch.cat(found), names)
    return found, names


def warn_of_single(labels: Tensor, names: Sequence[str]) -> None:
    """Warn of classes with one example, which can be in one of the three sets only; labels (N,), -1 for none."""
    counts = torch.bincount(labels[labels >= 0], minlength=len(names))
    single = [names[k] for k in (counts == 1).nonzero()[:, 0].tolist()]
    if single:
        warnings.warn(
            f"{len(single):,} of {len(names):,} classes have a single example ({listed(single)}), which is in one of "
            "the three sets only.",
            stacklevel=2,
        )


def listed(names: Sequence[object]) -> str:
    """The first few names, in quotes if they are text."""
    return ", ".join(map(repr, names[:NAMED])) + (", ..." if len(names) > NAMED else "")


def _plain(labels: np.ndarray, where: str) -> np.ndarray:
    """(N,) of whole numbers or text."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise UserError(
            f"the labels in {where} have the shape {labels.shape} where one for each example is expected, (N,); rows "
            "of zeros with a one become numbers by labels.argmax(1)."
        )
    if labels.dtype.kind in "US":
        return labels.astype(str)
    if labels.dtype.kind == "f":
        broken = np.flatnonzero(labels != np.floor(labels))  # NaN and fractions
        if len(broken) or np.isinf(labels).any():
            raise UserError(
                f"the labels in {where} are no classes but numbers such as {labels[broken[:1]].tolist() or 'inf'}; "
                "type data.labels=null to do without, or save whole numbers or names."
            )
    elif labels.dtype.kind not in "biu":
        raise UserError(f"the labels in {where} are of type {labels.dtype}; save whole numbers or names.")
    return labels.astype(np.int64)
