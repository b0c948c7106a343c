"""The errors of a model beside PCA's, and the images it gives back best and worst."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from src.drawing.figure import new_figure
from src.drawing.tiles import LINE_TILE, centres, show_tiles
from src.scorecard.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = 40


def error_histogram(errors: Mapping[str, Tensor]) -> "Figure":
    """How many examples have which squared error, for each contender by name, (N,) each; dashed, the mean."""
    figure = new_figure(7.0, 3.6)
    ax = figure.subplots()
    values = {name: each.double().numpy() for name, each in errors.items()}
    finite = np.concatenate([each[np.isfinite(each)] for each in values.values()])
    top = float(np.quantile(finite, 0.995)) if finite.size else 1.0
    bins = np.linspace(0.0, top or 1.0, BINS + 1).tolist()
    for (name, each), colour in zip(values.items(), COLOURS, strict=False):
        beyond = int((~(each <= bins[-1])).sum())
        label = f"{name}, mean {each.mean():.4g}" + (f" ({beyond} beyond)" if beyond else "")
        ax.hist(each, bins, color=colour, alpha=0.55, label=label)
        ax.axvline(each.mean(), color=colour, linestyle="--", linewidth=1)
    ax.set(xlabel="se: squared error of an example", ylabel="test examples")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1))
    return figure


def best_and_worst(
    rows: Mapping[str, Tensor], errors: Mapping[str, Tensor], which: Mapping[str, Tensor], ends: Sequence[float]
) -> "Figure":
    """The test examples that the model gives back best and worst, with what PCA makes of the same ones.

    Args:
        rows: "input" and each contender's reconstructions by name, (N, *shape) each, drawn one below the other.
        errors: each contender's squared errors, (N,); the model's first.
        which: a panel each, by title: the places of its examples, (n,).
        ends: the values of black and white.
    """
    columns = max(len(index) for index in which.values())
    shape = next(iter(rows.values())).shape
    height, width = shape[-2:] if len(shape) == 4 else LINE_TILE
    figure = new_figure(0.95 * columns + 2.2, len(which) * (0.95 * min(height / width, 2.0) * len(rows) + 0.9))
    for ax, (title, index) in zip(np.atleast_1d(figure.subplots(len(which), 1)), which.items(), strict=True):
        _panel(ax, {name: images[index] for name, images in rows.items()}, ends)
        ax.set_title(title, fontsize=10, loc="left")
        at = ax.get_xticks()
        told = ["\n".join(f"{float(each[i]):.3g}" for each in errors.values()) for i in index]
        ax.set_xticks(at, told, fontsize=7)
        ax.set_xlabel("se: " + ", below it ".join(errors), fontsize=8)
    return figure


def _panel(ax: Any, rows: Mapping[str, Tensor], ends: Sequence[float]) -> None:
    """Rows of n examples each, with the names of the rows, and a tick below the middle of each column."""
    columns = len(next(iter(rows.values())))
    height, width = show_tiles(ax, torch.cat([*rows.values()]), columns, ends)
    longest = max(height, width)
    ax.set_xticks(centres(columns, width, longest=longest))
    ax.set_yticks(centres(len(rows), height, longest=longest), list(rows), fontsize=8)
