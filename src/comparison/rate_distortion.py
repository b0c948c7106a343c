"""What a longer code buys: the error against the size of the code, with PCA's curve."""

from statistics import fmean
from typing import TYPE_CHECKING, Any

from src.comparison.compared import by_seed
from src.comparison.records import Comparison, Metric, Variant
from src.comparison.settings import fingerprint
from src.comparison.styles import PCA_COLOUR, bare, legend, styles, width_of_legend
from src.drawing.figure import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = "model/code_size"


def sizes(variant: Variant) -> list[float]:
    """The code sizes of its runs: one, unless the size is not what its config says."""
    return sorted({run.figures[SIZE] for run in variant.runs if SIZE in run.figures})


def pca_curve(comparison: Comparison, metric: Metric) -> list[tuple[int, float]]:
    """PCA's figure by code size."""
    return [(int(name.removeprefix("PCA-")), value) for name, value in comparison.baseline.get(metric.key, ())]


def rate_distortion(comparison: Comparison) -> "Figure | None":
    """The figure that sorts the table against the size of the code; nothing where all codes are of one size.

    Variants that differ in nothing else are joined by a line.
    """
    metric = comparison.sorted_by
    points = {
        variant.name: (fmean(sizes(variant)), list(by_seed(variant, metric.key).values()))
        for variant in comparison.variants
        if sizes(variant) and by_seed(variant, metric.key)
    }
    if len({size for size, _ in points.values()}) < 2:
        return None
    figure = new_figure(5.8 + width_of_legend([variant.name for variant in comparison.variants]), 4.8)
    ax = figure.subplots()
    _join(ax, comparison, points)
    for name, look in styles([variant.name for variant in comparison.variants]).items():
        if name in points:
            size, values = points[name]
            ax.plot([size] * len(values), values, ".", color=look.colour, markersize=4, alpha=0.6)
            label = name if look.is_named else None
            ax.plot([size], [fmean(values)], look.marker, color=look.colour, markersize=8, label=label)
    pca = pca_curve(comparison, metric)
    if pca:
        ax.plot(*zip(*pca, strict=True), color=PCA_COLOUR, marker="x", linewidth=1, linestyle=":", label="PCA")
    _scales(ax, points, [value for _, value in pca])
    ax.set(xlabel="numbers in the code", ylabel=metric.label)
    bare(ax)
    legend(figure, [ax], [variant.name for variant in comparison.variants])
    ax.set_title(f"{metric.label} against the size of the code; small dots are seeds", fontsize=11)
    return figure


def _join(ax: Any, comparison: Comparison, points: dict[str, tuple[float, list[float]]]) -> None:
    """A line through variants that differ in nothing but the length of the code."""
    families: dict[str, list[tuple[float, float]]] = {}
    for variant in comparison.variants:
        if variant.name in points:
            rest = {key: value for key, value in variant.settings.items() if not key.endswith(".latent_dim")}
            size, values = points[variant.name]
            families.setdefault(fingerprint([variant.model, rest]), []).append((size, fmean(values)))
    for family in families.values():
        ax.plot(*zip(*sorted(family), strict=True), color="#999999", linewidth=0.9, zorder=0)


def _scales(ax: Any, points: dict[str, tuple[float, list[float]]], pca: list[float]) -> None:
    """Sizes in doublings; PCA that keeps everything has an error of nearly 0, which must not set the scale."""
    from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

    own = [value for _, values in points.values() for value in values]
    shown = own + [value for value in pca if min(own) / 3 <= value <= max(own) * 3]
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_locator(FixedLocator(sorted({size for size, _ in points.values()})))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(ScalarFormatter())
    room = 0.06 * (max(shown) - min(shown) or 1)
    if min(shown) > 0 and max(shown) > 10 * min(shown):
        ax.set_yscale("log")
        ax.set_ylim(min(shown) / 1.15, max(shown) * 1.15)
    else:
        ax.set_ylim(min(shown) - room, max(shown) + room)
