"""The same test examples through each variant, PCA among them."""

from typing import TYPE_CHECKING

import torch

from src.comparison.examples import SameExamples
from src.drawing.figure import new_figure
from src.drawing.tiles import GAP, show_tiles, shown_ends

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TILE = 0.55
"""Inches of an example's height, fewer where there are many rows."""
LONGEST = 30.0
"""Inches of all rows together at most."""


def side_by_side(examples: SameExamples) -> "Figure | None":
    """One example a column, one variant a row, the input above; nothing where no variant reconstructs."""
    if not examples.reconstructions or not len(examples.x):
        return None
    x = examples.x
    rows = {"input": x, **{f"{name}  {_error(out, x)}": out for name, out in examples.reconstructions.items()}}
    figure = new_figure(1, 1)
    ax = figure.subplots()
    together = torch.cat([row.reshape(x.shape) for row in rows.values()])
    height, width = show_tiles(ax, together, len(x), shown_ends(x, examples.value_range))
    step = height + max(1, round(GAP * max(height, width)))
    ax.set_yticks([(height - 1) / 2 + i * step for i in range(len(rows))], list(rows), fontsize=9)
    tall = min(TILE, LONGEST / len(rows))
    across = len(x) * tall * width / height * (1 + GAP) + 0.075 * max(map(len, rows))
    figure.set_size_inches(max(across + 0.3, 5.5), len(rows) * tall * (1 + GAP) + 0.5)
    figure.suptitle(f"The same {len(x)} test examples, and their mean se", fontsize=11)
    return figure


def _error(x_hat: torch.Tensor, x: torch.Tensor) -> str:
    return f"{float((x_hat.reshape(x.shape) - x).flatten(1).square().sum(1).mean()):.3g}"
