"""The table of a comparison as rows of text, whatever they are written as."""

from collections.abc import Sequence
from typing import NamedTuple

from src.comparison.page_numbers import decimals, figure
from src.comparison.records import Cell, Comparison, Metric, Rank

BETTER = {"lower": "↓", "higher": "↑", None: ""}


class Entry(NamedTuple):
    """One figure as text: `9.37`, `± 0.12`, and whether it is the best; empty where there is none."""

    mean: str = ""
    spread: str = ""
    rank: Rank = ""


class Line(NamedTuple):
    """One row: a variant with its number of runs, or PCA with none."""

    name: str
    runs: int
    entries: Sequence[Entry]


def lines(comparison: Comparison) -> list[Line]:
    """PCA by its code size, then the variants, best first."""
    places = {each.key: _places(comparison, each) for each in comparison.metrics}
    pca = dict.fromkeys(name for values in comparison.baseline.values() for name, _ in values)
    found = []
    for name in pca:
        figures = [dict(comparison.baseline.get(each.key, ())).get(name) for each in comparison.metrics]
        entries = [
            Entry() if value is None else Entry(figure(value, places[each.key]))
            for each, value in zip(comparison.metrics, figures, strict=True)
        ]
        found.append(Line(name, 0, entries))
    for variant in comparison.variants:
        cells = [comparison.cells.get((variant.name, each.key)) for each in comparison.metrics]
        entries = [_entry(cell, places[each.key]) for each, cell in zip(comparison.metrics, cells, strict=True)]
        found.append(Line(variant.name, len(variant.runs), entries))
    return found


def _places(comparison: Comparison, metric: Metric) -> int:
    cells = [cell for (_, key), cell in comparison.cells.items() if key == metric.key]
    return decimals((cell.mean for cell in cells), (cell.std for cell in cells if cell.std))


def _entry(cell: Cell | None, places: int) -> Entry:
    if cell is None:
        return Entry()
    spread = "" if not cell.std else f"± {figure(cell.std, places)}"
    return Entry(figure(cell.mean, places), spread, cell.rank)


def heads(comparison: Comparison) -> list[str]:
    """What stands above the figures: the label, and an arrow that points to the better."""
    return [f"{each.label} {BETTER[each.better]}".rstrip() for each in comparison.metrics]
