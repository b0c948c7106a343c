"""How each variant learned: validation loss and reconstruction by epoch, with bands over seeds."""

from typing import TYPE_CHECKING, Any

import numpy as np

from src.comparison.records import Comparison, Variant
from src.comparison.settings import differing, flat
from src.comparison.styles import Style, bare, legend, styles
from src.drawing.figure import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = {"val/reconstruction": "validation reconstruction", "val/loss": "validation loss, all terms"}


def curve(variant: Variant, key: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Epochs counted from 1, mean over the seeds that have the epoch, and their standard deviation (0 for one)."""
    by_epoch: dict[int, list[float]] = {}
    for run in variant.runs:
        for epoch, value in zip(run.curves.get("epoch", ()), run.curves.get(key, ()), strict=False):
            if epoch is not None and value is not None:
                by_epoch.setdefault(int(epoch) + 1, []).append(value)
    epochs = sorted(by_epoch)
    spread = [np.std(by_epoch[epoch], ddof=1) if len(by_epoch[epoch]) > 1 else 0.0 for epoch in epochs]
    return np.array(epochs), np.array([np.mean(by_epoch[epoch]) for epoch in epochs]), np.array(spread)


def learning_curves(comparison: Comparison) -> "Figure | None":
    """A panel for each figure that is recorded; nothing where no run has curves."""
    looks = styles([variant.name for variant in comparison.variants])
    panels = {key: label for key, label in PANELS.items() if _drawn(comparison, key)}
    if len(panels) == 2 and _alike(comparison, *panels):
        panels.pop("val/loss")
    if not panels:
        return None
    figure = new_figure(5.6 * len(panels) + 2.2, 4.4)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for ax, (key, label) in zip(axes, panels.items(), strict=True):
        for variant in reversed(comparison.variants):  # the best lie on top
            _line(ax, variant, key, looks[variant.name])
        _label(ax, label)
    _in_table_order(axes[0], comparison)
    legend(figure, axes[0], len(comparison.variants))
    title = "Learning curves: mean over seeds, band of one standard deviation"
    if differing([dict(flat(variant.runs[0].config.get("loss", {}))) for variant in comparison.variants]):
        title += "\nlosses differ between variants: compare shapes, not heights"
    figure.suptitle(title, fontsize=11)
    return figure


def _drawn(comparison: Comparison, key: str) -> bool:
    return any(len(curve(variant, key)[0]) for variant in comparison.variants)


def _alike(comparison: Comparison, one: str, other: str) -> bool:
    return all(run.curves.get(one) == run.curves.get(other) for v in comparison.variants for run in v.runs)


def _line(ax: Any, variant: Variant, key: str, look: Style) -> None:
    epochs, mean, std = curve(variant, key)
    if not len(epochs):
        return
    marker = look.marker if len(epochs) <= 15 else None
    name = variant.name if look.is_named else None
    ax.plot(
        epochs, mean, color=look.colour, linestyle=look.dash, marker=marker, markersize=4,
        linewidth=1.6 if look.is_named else 0.7, label=name,
    )  # fmt: skip
    if std.any():
        ax.fill_between(epochs, mean - std, mean + std, color=look.colour, alpha=0.15, linewidth=0)


def _label(ax: Any, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    lines = [line.get_ydata() for line in ax.get_lines()]
    lowest, highest = min(map(np.min, lines)), max(map(np.max, lines))
    if lowest > 0 and highest > 5 * lowest:
        ax.set_yscale("log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="epoch", ylabel=label)
    bare(ax)


def _in_table_order(ax: Any, comparison: Comparison) -> None:
    """An axis without data for every variant still names all of them, best first."""
    drawn = {line.get_label(): line for line in ax.get_lines()}
    for variant in comparison.variants:
        if (line := drawn.get(variant.name)) is not None:
            line.remove()
            ax.add_line(line)
