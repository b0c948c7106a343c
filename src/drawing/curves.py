"""Series and rows of tables beside their reconstructions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from src.drawing.figure import new_figure, verbatim

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_CHANNELS = 4
MOST_NAMES = 40
"""Features of a table up to which each is named at its place."""


def curves(x: Tensor, seen: Tensor | None, x_hat: Tensor, names: Sequence[str], title: str) -> "Figure":
    """A panel for each example (and each of its first channels): output over input, `se` above.

    Args:
        x, x_hat: (N, C, L) or (N, D), on the CPU.
        seen: what the encoder saw, where that differs from x.
        names: of the D features.
        title: of the whole picture.
    """
    squared = (x_hat - x).flatten(1).square().sum(1).tolist()
    table = x.ndim == 2
    series = [None if part is None else part.reshape(len(x), -1, x.shape[-1]) for part in (x, seen, x_hat)]
    target, saw, output = series
    assert target is not None
    assert output is not None
    channels = min(target.shape[1], MOST_CHANNELS)
    columns = channels if channels > 1 else min(2, len(x))
    rows = len(x) if channels > 1 else -(-len(x) // columns)
    figure = new_figure(max(5.0 * columns, 6.0), 1.35 * rows + (1.6 if table and names else 0.9))
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True).flatten()
    for k, ax in enumerate(axes):
        i, channel = (k // channels, k % channels) if channels > 1 else (k, 0)
        if i >= len(x):
            ax.set_visible(False)
            continue
        _panel(ax, target[i, channel], None if saw is None else saw[i, channel], output[i, channel], table)
        ax.set_title(f"se {squared[i]:.3g}" + (f", channel {channel}" if channels > 1 else ""), fontsize=8, pad=2)
        if table and 0 < len(names) <= MOST_NAMES:
            ax.set_xticks(range(len(names)), list(map(verbatim, names)), rotation=60, ha="right", fontsize=6)
    more = f" (the first {channels} of {target.shape[1]} channels)" if target.shape[1] > channels else ""
    figure.suptitle(title + more, fontsize=11)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=8)
    return figure


def _panel(ax: Any, x: Tensor, seen: Tensor | None, x_hat: Tensor, table: bool) -> None:
    places = torch.arange(len(x))
    many = {"marker": "o", "markersize": 3, "linestyle": "none"} if table else {"linewidth": 1.4}
    if seen is not None:
        ax.plot(places, seen, color="#e7a977", label="seen by encoder", **(many | {"linewidth": 0.7}))
    ax.plot(places, x, color="#888888", label="input", **many)
    finite = "" if x_hat.isfinite().all() else " (not finite)"
    ax.plot(places, x_hat, color="#1f5fa8", linewidth=0.9, label=f"output{finite}")
    ax.tick_params(labelsize=7)
    ax.margins(x=0.01)
