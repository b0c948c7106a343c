"""Pictures of samples: each way to draw them beside the data, and each sample above what it may be a copy of."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from src.drawing.figure import new_figure
from src.drawing.tiles import centres, show_tiles
from src.metrics.nearest import Nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS = 8
"""Samples in a row of a panel, and rows."""
PAIRS = 12
"""Samples in a row above their neighbours."""


def side_by_side(panels: dict[str, Tensor], value_range: tuple[float, float], title: str) -> "Figure":
    """A square of the first images (N, *shape) of each kind, under its name; pixels are clamped to the range."""
    figure = new_figure(3.1 * len(panels), 3.8)
    for ax, (name, images) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        columns = min(ACROSS, len(images))
        show_tiles(ax, images[: min(ACROSS, len(images) // columns) * columns], columns, value_range)
        ax.set_title(name, fontsize=10)
    figure.suptitle(title, fontsize=11)
    return figure


def rows_of_pairs(samples: Tensor, train: Tensor, found: Nearest) -> Tensor:
    """(4 * columns, *shape): the first samples, what is nearest to each; the samples nearest to any, and to what.

    Args:
        samples: (N, *shape).
        train: the training images that `found` points into.
        found: the nearest of them to each sample.
    """
    columns = min(PAIRS, len(samples))
    first, closest = torch.arange(columns), found.se.argsort()[:columns]
    return torch.cat([part for i in (first, closest) for part in (samples[i], train[found.place[i]])])


def show_pairs(rows: Tensor, n: int, value_range: tuple[float, float], title: str) -> "Figure":
    """What `rows_of_pairs` found among n samples."""
    columns = len(rows) // 4
    figure = new_figure(0.68 * columns + 1.6, 3.6)
    ax = figure.subplots()
    height, width = show_tiles(ax, rows, columns, value_range)
    names = ["samples", "nearest in training", f"closest of {n:,}", "nearest in training"]
    ax.set_yticks(centres(4, height, longest=max(height, width)), names, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure
