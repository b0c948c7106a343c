"""One figure against another: what a variant pays for what it is good at."""

from typing import TYPE_CHECKING, Any

from src.comparison.records import Comparison, Metric
from src.comparison.styles import PCA_COLOUR, bare, legend, styles, width_of_legend
from src.drawing.figure import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PANELS = 6
WIDE = 20
"""A column whose largest figure is so many times its smallest is drawn in powers of ten."""


def trade_offs(comparison: Comparison) -> "Figure | None":
    """A panel for each other column of the table, the figure that it is sorted by upwards; nothing for one column."""
    upwards = comparison.sorted_by
    across = [each for each in comparison.metrics if each.key != upwards.key and _points(comparison, each)][
        :MOST_PANELS
    ]
    if not across or len(comparison.variants) < 2:
        return None
    columns = min(3, len(across))
    rows = -(-len(across) // columns)
    names = [variant.name for variant in comparison.variants]
    figure = new_figure(3.3 * columns + width_of_legend(names), 3.2 * rows + 0.5)
    axes = figure.subplots(rows, columns, squeeze=False).flatten()
    for ax in axes[len(across) :]:
        ax.set_visible(False)
    for ax, metric in zip(axes, across, strict=False):
        _panel(ax, comparison, metric)
    legend(figure, list(axes), names)
    figure.suptitle(f"{upwards.label} against the other figures, mean over seeds", fontsize=11, x=0.01, ha="left")
    return figure


def _points(comparison: Comparison, metric: Metric) -> dict[str, tuple[float, float]]:
    cells = comparison.cells
    return {
        variant.name: (cells[variant.name, metric.key].mean, cells[variant.name, comparison.sorted_by.key].mean)
        for variant in comparison.variants
        if (variant.name, metric.key) in cells and (variant.name, comparison.sorted_by.key) in cells
    }


def _panel(ax: Any, comparison: Comparison, metric: Metric) -> None:
    from matplotlib.ticker import MaxNLocator

    points = _points(comparison, metric)
    for name, look in styles([variant.name for variant in comparison.variants]).items():
        if name in points:
            label = name if look.is_named else None
            ax.plot(*points[name], look.marker, color=look.colour, markersize=7, label=label)
    upwards = dict(comparison.baseline.get(comparison.sorted_by.key, ()))
    for name, value in comparison.baseline.get(metric.key, ()):
        if name in upwards and _is_near(value, [x for x, _ in points.values()]):
            ax.plot(value, upwards[name], "x", color=PCA_COLOUR)
            ax.annotate(name, (value, upwards[name]), textcoords="offset points", xytext=(4, 4), fontsize=7)
    values = [x for x, _ in points.values()]
    if min(values) > 0 and max(values) > WIDE * min(values):
        ax.set_xscale("log")
    else:
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
    arrow = {"lower": "  (← better)", "higher": "  (better →)", None: ""}[metric.better]
    ax.set(xlabel=metric.label + arrow, ylabel=comparison.sorted_by.label)
    bare(ax)


def _is_near(value: float, others: list[float]) -> bool:
    """Whether the value can be shown among the others without pressing them together."""
    span = max(others) - min(others) or abs(others[0]) or 1.0
    return min(others) - 2 * span <= value <= max(others) + 2 * span
