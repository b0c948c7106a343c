"""The panels of a W&B report and of a workspace view: curves, figures, pictures, settings.

A variant is told by the W&B ids of its runs, not by its config, so that it is on W&B exactly what it is in the table.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from src.comparison.page_charts import axes, curve_names
from src.comparison.page_pictures import title
from src.comparison.records import Comparison, Variant
from src.comparison.settings import typed
from src.drawing.class_colours import PALETTE

Ids = Mapping[str, Sequence[str]]
"""The W&B ids of a variant's runs, by its name."""
MOST_GROUPS = 4
"""Levels that the runs of a workspace are grouped by."""


def sections(comparison: Comparison) -> dict[str, list[Any]]:
    """The panels, by the heading that they stand under; no heading without panels."""
    found = {
        "Learning curves": curve_panels(comparison),
        "Figures": figure_panels(comparison),
        "Pictures": picture_panels(comparison),
        "Settings": setting_panels(comparison),
    }
    return {heading: panels for heading, panels in found.items() if panels}


def curve_panels(comparison: Comparison) -> list[Any]:
    """A line plot for each curve: mean and standard deviation over a variant's runs."""
    import wandb_workspaces.reports.v2 as wr

    return [
        wr.LinePlot(title=name, x="epoch", y=[name], groupby_aggfunc="mean", groupby_rangefunc="stddev")
        for name in curve_names(comparison)
    ]


def figure_panels(comparison: Comparison) -> list[Any]:
    """A bar chart for each metric, then every other metric against the one that the table is sorted by."""
    import wandb_workspaces.reports.v2 as wr

    first = comparison.sorted_by
    bars = [
        wr.BarPlot(title=metric.label, metrics=[wr.SummaryMetric(metric.key)], groupby_aggfunc="mean")
        for metric in comparison.metrics
    ]
    points = [
        wr.ScatterPlot(
            title=f"{first.label} against {metric.label}", x=wr.SummaryMetric(metric.key), y=wr.SummaryMetric(first.key)
        )
        for metric in comparison.metrics
        if metric.key != first.key
    ]
    return [*bars, *points]


def picture_panels(comparison: Comparison) -> list[Any]:
    """A gallery for each kind of picture, the runs side by side."""
    import wandb_workspaces.reports.v2 as wr

    names = dict.fromkeys(name for variant in comparison.variants for run in variant.runs for name in run.pictures)
    return [
        wr.MediaBrowser(title=title(name), media_keys=[f"figures/{name}"], grid_x_axis="run", grid_y_axis="step")
        for name in names
    ]


def setting_panels(comparison: Comparison) -> list[Any]:
    """Parallel coordinates of the numbers that differ between variants; nothing where none does."""
    import wandb_workspaces.reports.v2 as wr

    found = axes(comparison.variants)
    if not found:
        return []
    settings = [wr.ParallelCoordinatesPlotColumn(wr.Config(one["label"]), log=one["log"] or None) for one in found]
    metric = wr.ParallelCoordinatesPlotColumn(wr.SummaryMetric(comparison.sorted_by.key))
    return [wr.ParallelCoordinatesPlot(title="Settings", columns=[*settings, metric])]


def colours(comparison: Comparison, ids: Ids) -> dict[str, str]:
    """One colour for all runs of a variant, by their ids."""
    return {
        run_id: PALETTE[place % len(PALETTE)]
        for place, variant in enumerate(comparison.variants)
        for run_id in ids.get(variant.name, ())
    }


def grouped_by(variants: Sequence[Variant]) -> list[str]:
    """The config keys that a workspace groups runs by: what was typed and differs, the model before all else."""
    asked = dict.fromkeys(key for variant in variants for run in variant.runs for key in typed(run))
    keys = dict.fromkeys(key for variant in variants for key in variant.settings)
    differing = [key for name in asked for key in (f"{name}._target_", name) if key in keys]
    return list(dict.fromkeys(["model._target_", *differing]))[:MOST_GROUPS]
