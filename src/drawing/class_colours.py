"""One colour a class, the same in every picture, that colour-blind readers can tell apart."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from src.drawing.figure import verbatim

PALETTE = ("#332288", "#DDCC77", "#88CCEE", "#CC6677", "#117733", "#AA4499", "#44AA99", "#882255", "#999933", "#777777")
"""Paul Tol's "muted" scheme (personal.sron.nl/~pault), with a darker grey as its tenth."""
NO_LABEL = "no label"
NO_LABEL_COLOUR = "#BBBBBB"


class ClassPart(NamedTuple):
    """The points of one class."""

    label: str
    """Its name, ready to be drawn."""
    colour: Any
    where: np.ndarray
    """(N,) bool"""


def by_class(y: np.ndarray, classes: Sequence[str]) -> list[ClassPart]:
    """The classes that occur in y (N,) int, in order; -1 comes first, without a label."""
    colours = _colours(len(classes))
    parts = [ClassPart(NO_LABEL, NO_LABEL_COLOUR, y < 0)] if (y < 0).any() else []
    return parts + [ClassPart(verbatim(label), colours[k], y == k) for k, label in enumerate(classes) if (y == k).any()]


def _colours(n: int) -> Sequence[Any]:
    if n <= len(PALETTE):
        return PALETTE
    from matplotlib import colormaps

    return list(colormaps["viridis"](np.linspace(0, 1, n)))
