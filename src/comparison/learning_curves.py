"""How each variant learned: validation loss and reconstruction by epoch, with bands over seeds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from src.comparison.records import Comparison, Variant
from src.comparison.settings import class_name
from src.comparison.styles import Style, bare, legend, styles, width_of_legend
from src.drawing.figure import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RECONSTRUCTION, TOTAL = "val/reconstruction", "val/loss"
MOST_LOSSES = 4


class Panel(NamedTuple):
    """What one axis shows."""

    title: str
    key: str
    variants: Sequence[Variant]


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
    """The reconstruction and the whole loss; with several losses, which no one scale fits, a panel for each of them.

    Nothing where no run has curves.
    """
    looks = styles([variant.name for variant in comparison.variants])
    panels = [panel for panel in _panels(comparison) if _is_drawn(panel)]
    if not panels:
        return None
    figure = new_figure(4.3 * len(panels) + width_of_legend(list(looks)), 4.2)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for ax, panel in zip(axes, panels, strict=True):
        for variant in reversed(panel.variants):  # the best lie on top
            _line(ax, variant, panel.key, looks[variant.name])
        _label(ax, panel.title)
    legend(figure, axes, [variant.name for variant in comparison.variants])
    figure.suptitle(
        "Learning curves: mean over seeds, with a band of one standard deviation", fontsize=11, x=0.01, ha="left"
    )
    return figure


def _panels(comparison: Comparison) -> list[Panel]:
    by_loss: dict[str, list[Variant]] = {}
    for variant in comparison.variants:
        loss = variant.runs[0].config.get("loss", {})
        by_loss.setdefault(class_name(loss.get("_target_", "")), []).append(variant)
    if len(by_loss) > 1:
        groups = list(by_loss.items())[:MOST_LOSSES]
        return [Panel(f"validation reconstruction, {loss}", RECONSTRUCTION, own) for loss, own in groups]
    both = [
        Panel("validation reconstruction", RECONSTRUCTION, comparison.variants),
        Panel("validation loss, all terms", TOTAL, comparison.variants),
    ]
    runs = [run for variant in comparison.variants for run in variant.runs]
    return both[:1] if all(run.curves.get(RECONSTRUCTION) == run.curves.get(TOTAL) for run in runs) else both


def _is_drawn(panel: Panel) -> bool:
    return any(len(curve(variant, panel.key)[0]) for variant in panel.variants)


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
