"""The table of the page, as rows of text: variants with their runs, and PCA among them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from src.comparison.page_numbers import decimals, figure
from src.comparison.records import Cell, Comparison, Metric, Run, Variant
from src.comparison.settings import written

LONGEST_SETTING = 120


@dataclass(frozen=True)
class Column:
    """The head of a column, and what its cells keep room for.

    Attributes:
        first: the order that a first click sorts by.
        spread: characters of the longest standard deviation, 0 where there is none.
        ranked: some of its figures are marked.
    """

    label: str
    better: str
    first: str
    spread: int
    ranked: bool


@dataclass(frozen=True)
class Entry:
    """One figure of one row; `value` is what it is sorted by, "" where there is none."""

    mean: str
    spread: str
    value: str
    rank: str


@dataclass(frozen=True)
class Origin:
    """One figure of each run of a variant, and where it was read."""

    label: str
    values: Sequence[str]
    source: str


@dataclass(frozen=True)
class Row:
    """A variant, or PCA of one code size (`variant` is None)."""

    name: str
    entries: Sequence[Entry]
    variant: Variant | None = None
    settings: Sequence[tuple[str, str]] = ()
    origins: Sequence[Origin] = ()


def columns(comparison: Comparison, table: Sequence[Row]) -> list[Column]:
    """The heads of the table, in the order of the metrics."""
    words = {"lower": "lower is better", "higher": "higher is better", None: ""}
    first = {"lower": "ascending", "higher": "descending", None: "ascending"}
    found = []
    for place, metric in enumerate(comparison.metrics):
        entries = [row.entries[place] for row in table]
        spread = max((len(entry.spread) for entry in entries), default=0)
        ranked = any(entry.rank for entry in entries)
        found.append(Column(metric.label, words[metric.better], first[metric.better], spread, ranked))
    return found


def rows(comparison: Comparison) -> list[Row]:
    """Every variant in the order of the comparison, then PCA's rows; the page sorts them into each other."""
    places = {metric.key: column_decimals(comparison, metric) for metric in comparison.metrics}
    return [_variant_row(comparison, variant, places) for variant in comparison.variants] + _pca_rows(
        comparison, places
    )


def column_decimals(comparison: Comparison, metric: Metric) -> int:
    """How many decimals the figures of a metric have wherever the page shows them."""
    cells = [cell for (_, key), cell in comparison.cells.items() if key == metric.key]
    return decimals([cell.mean for cell in cells], [cell.std for cell in cells if cell.std is not None])


def _variant_row(comparison: Comparison, variant: Variant, places: Mapping[str, int]) -> Row:
    cells = [(metric, comparison.cells.get((variant.name, metric.key))) for metric in comparison.metrics]
    return Row(
        variant.name,
        [_entry(cell, places[metric.key]) for metric, cell in cells],
        variant,
        [(key, setting(value)) for key, value in variant.settings.items()],
        [_origin(variant, metric) for metric, cell in cells if cell is not None],
    )


def _entry(cell: Cell | None, places: int) -> Entry:
    if cell is None:
        return Entry("", "", "", "")
    spread = figure(cell.std, places) if cell.std else ""
    return Entry(figure(cell.mean, places), spread, _sort_value(cell.mean), cell.rank)


def _sort_value(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else ""


def _origin(variant: Variant, metric: Metric) -> Origin:
    found = [run.figures.get(metric.key) for run in variant.runs]
    sources = dict.fromkeys(_source(run, metric) for run in variant.runs if metric.key in run.figures)
    return Origin(metric.label, ["" if value is None else f"{value:.6g}" for value in found], "; ".join(sources))


def _source(run: Run, metric: Metric) -> str:
    return run.sources.get(metric.key, "")


def _pca_rows(comparison: Comparison, places: Mapping[str, int]) -> list[Row]:
    by_name = {key: dict(pairs) for key, pairs in comparison.baseline.items()}
    names = dict.fromkeys(name for pairs in comparison.baseline.values() for name, _ in pairs)
    return [Row(name, [_pca_entry(by_name, name, metric, places) for metric in comparison.metrics]) for name in names]


def _pca_entry(
    by_name: Mapping[str, Mapping[str, float]], name: str, metric: Metric, places: Mapping[str, int]
) -> Entry:
    value = by_name.get(metric.key, {}).get(name)
    return Entry("", "", "", "") if value is None else _entry(Cell(value, None, [value]), places[metric.key])


def setting(value: Any) -> str:
    """A setting as it is typed, cut where it would fill the page."""
    text = written(value)
    return text if len(text) <= LONGEST_SETTING else text[: LONGEST_SETTING - 1] + "…"
