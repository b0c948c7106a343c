"""A sweep at one glance: each run's settings and its figure as one line."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from src.comparison.naming import shortened
from src.comparison.records import Comparison, Variant
from src.drawing.figure import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_AXES = 9
WIDE = 20


def numeric_settings(variants: Sequence[Variant]) -> list[str]:
    """The keys of settings that differ and are numbers in every variant that has them, in at least two of them."""
    keys = dict.fromkeys(key for variant in variants for key in variant.settings)
    return [key for key in keys if len({v.settings[key] for v in variants if _is_number(v.settings.get(key))}) > 1]


def parallel_coordinates(comparison: Comparison) -> "Figure | None":
    """An axis for the model (if there are several), for each numeric setting, and for the figure that sorts.

    Nothing where no numeric setting differs, or for fewer than three variants.
    """
    metric = comparison.sorted_by
    variants = [variant for variant in comparison.variants if (variant.name, metric.key) in comparison.cells]
    keys = numeric_settings(variants)[: MOST_AXES - 2]
    if not keys or len(variants) < 3:
        return None
    models = list(dict.fromkeys(variant.model for variant in variants))
    axes = [_Axis("model", [models.index(v.model) for v in variants], models)] if len(models) > 1 else []
    short = shortened(keys)
    axes += [_Axis(short[key], [_number(v.settings.get(key)) for v in variants]) for key in keys]
    axes.append(_Axis(metric.label, [comparison.cells[v.name, metric.key].mean for v in variants]))
    figure = new_figure(1.7 * len(axes) + 1.6, 4.6)
    ax = figure.subplots()
    _lines(ax, axes, metric.better != "higher")
    for place, axis in enumerate(axes):
        _ticks(ax, axis, place)
    ax.set(xlim=(-0.15, len(axes) - 0.6), ylim=(-0.04, 1.04), yticks=[])
    ax.set_xticks(range(len(axes)), [axis.label for axis in axes], fontsize=9)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    figure.suptitle(f"Settings of {len(variants)} variants, the darker the better {metric.label}", fontsize=11)
    return figure


class _Axis:
    """One upright axis: where each variant crosses it, from 0 to 1, nan where it has no such setting."""

    def __init__(self, label: str, values: Sequence[float], words: Sequence[str] = ()) -> None:
        self.label, self.words, self.values = label, words, np.array(values, float)
        known = self.values[np.isfinite(self.values)]
        self.low, self.high = float(known.min()), float(known.max())
        self.is_log = not words and self.low > 0 and self.high > WIDE * self.low

    def place(self, values: np.ndarray) -> np.ndarray:
        low, high = (math.log(end) if self.is_log else end for end in (self.low, self.high))
        values = np.log(values) if self.is_log else values
        return (values - low) / (high - low) if high > low else np.where(np.isfinite(values), 0.5, np.nan)

    def ticks(self) -> tuple[np.ndarray, list[str]]:
        known = np.unique(self.values[np.isfinite(self.values)])
        if self.words:
            return known, list(self.words)
        if len(known) > 6:
            known = (np.geomspace if self.is_log else np.linspace)(self.low, self.high, 5)
        return known, [f"{value:.3g}" for value in known]


def _lines(ax: Any, axes: Sequence[_Axis], low_is_good: bool) -> None:
    """A line for each variant, dark where its figure is good; the best lie on top."""
    from matplotlib import colormaps

    places = np.stack([axis.place(axis.values) for axis in axes])  # (axes, variants)
    merit = 1 - places[-1] if low_is_good else places[-1]
    for i in np.argsort(merit):
        colour = colormaps["viridis_r"](0.08 + 0.92 * float(merit[i]))
        ax.plot(range(len(axes)), places[:, i], color=colour, linewidth=1.3, marker="o", markersize=3)


def _ticks(ax: Any, axis: _Axis, place: int) -> None:
    ax.axvline(place, color="#444444", linewidth=0.8, zorder=0)
    values, words = axis.ticks()
    box = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}
    for y, word in zip(axis.place(values), words, strict=True):
        ax.annotate(word, (place, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, bbox=box)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> float:
    return float(value) if _is_number(value) else math.nan
