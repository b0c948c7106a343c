"""Where each variant puts the same test examples: a map of the codes of each, side by side."""

from typing import TYPE_CHECKING, Any

import numpy as np

from src.comparison.examples import SameExamples
from src.drawing.class_colours import ClassPart, by_class
from src.drawing.figure import new_figure
from src.drawing.scatter import projected

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST = 5
"""With fewer codes there is no map to draw."""
MOST_COLUMNS = 4
NAMED_CLASSES = 20


def latent_maps(examples: SameExamples) -> "Figure | None":
    """A panel for PCA and for each variant, coloured by class: two numbers as they are, more by t-SNE.

    Nothing where no variant encodes, or for fewer than five examples.
    """
    if not examples.codes or len(examples.y) < FEWEST:
        return None
    columns = min(MOST_COLUMNS, len(examples.codes))
    rows = -(-len(examples.codes) // columns)
    figure = new_figure(3.0 * columns + 1.2, 3.1 * rows + 0.5)
    axes = figure.subplots(rows, columns, squeeze=False).flatten()
    parts = by_class(examples.y, examples.classes)
    for ax in axes[len(examples.codes) :]:
        ax.set_visible(False)
    for ax, (name, z) in zip(axes, examples.codes.items(), strict=False):
        _panel(ax, name, z, parts)
    if 1 < len(parts) <= NAMED_CLASSES:
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right upper", frameon=False, fontsize=8, markerscale=2.5)
    figure.suptitle(f"Codes of the same {len(examples.y):,} test examples, coloured by class", fontsize=11)
    return figure


def _panel(ax: Any, name: str, z: np.ndarray, parts: list[ClassPart]) -> None:
    points, how = flattened(z)
    for part in parts:
        ax.scatter(*points[part.where].T, s=7, color=[part.colour], label=part.label, linewidths=0, alpha=0.85)
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"{name}\n{how}", fontsize=9)


def flattened(z: np.ndarray) -> tuple[np.ndarray, str]:
    """(P, D) codes as (P, 2) points, and how they came there; rows that are not finite become nan and are not drawn."""
    points = np.full((len(z), 2), np.nan)
    known = np.isfinite(z).all(1)
    lost = int((~known).sum())
    more = f", {lost} not finite" if lost else ""
    if known.sum() < FEWEST or not np.ptp(z[known], axis=0).any():
        return points, "all codes are the same" if not lost else f"no map{more}"
    if z.shape[1] <= 2:
        points[known] = np.pad(z[known], ((0, 0), (0, 2 - z.shape[1])))
        return points, f"{z.shape[1]} number{'s' * (z.shape[1] > 1)}, as they are{more}"
    points[known] = projected(z[known])
    return points, f"t-SNE of {z.shape[1]} numbers{more}"
