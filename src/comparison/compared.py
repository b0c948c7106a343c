"""From runs to a comparison: which variant is better, by how much, and whether seeds could have made the difference."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from src.comparison.cards_alike import alike
from src.comparison.grouping import LeftOut, same_data, variants
from src.comparison.measures import by_default, chosen
from src.comparison.notes import notes
from src.comparison.records import Cell, Comparison, Metric, Run, Variant
from src.comparison.settings import class_name
from src.comparison.significance import ranks
from src.errors import UserError

Cells = dict[tuple[str, str], Cell]


def compare(
    runs: Sequence[Run], left_out: LeftOut, sort_by: str = "test/se", metrics: Sequence[str] | None = None
) -> Comparison:
    """Group the runs into variants, and set each figure beside the others.

    Args:
        runs: finished ones.
        left_out: folders that cannot be compared, with the reason of each.
        sort_by: the key of the figure that orders the table.
        metrics: keys of the columns; None for those that most variants have.

    Raises:
        UserError: there is no run; they were measured on different data; none has a figure that is asked for.
    """
    if not runs:
        reasons = "\n".join(f"  {folder}: {reason}" for folder, reason in left_out)
        raise UserError(f"there is no finished run to compare:\n{reasons}")
    same_data(runs)
    first = chosen(sort_by, runs, "sort_by")
    found, repeated = variants(runs)
    asked = [chosen(key, runs, "metrics") for key in metrics or ()]
    columns = list({each.key: each for each in asked}.values()) if asked else by_default(found, first)
    if first.key not in [each.key for each in columns]:
        columns.insert(0, first)
    cells = {key: cell for each in columns for key, cell in _column(found, each).items()}
    found = _sorted(found, first, cells)
    return Comparison(
        variants=found,
        metrics=columns,
        sorted_by=first,
        cells=cells,
        baseline={each.key: values for each in columns if (values := _baseline(runs, each))},
        left_out=[*left_out, *repeated],
        notes=notes(found, columns, first, cells),
        data=_data(runs[0]),
    )


def by_seed(variant: Variant, key: str) -> dict[int, float]:
    """The figure of each run that has it."""
    return {run.seed: run.figures[key] for run in variant.runs if key in run.figures}


def _column(found: Sequence[Variant], metric: Metric) -> Cells:
    values = {variant.name: by_seed(variant, metric.key) for variant in found}
    values = {name: each for name, each in values.items() if each}
    intervals = {
        variant.name: run.intervals[metric.key]
        for variant in found
        for run in variant.runs
        if metric.key in run.intervals and len(values.get(variant.name, ())) == 1
    }
    ranked = metric.better and len(values) > 1 and alike([run for v in found for run in v.runs], metric.key)
    rank = ranks(values, metric.better == "lower", intervals) if ranked else {}
    return {
        (name, metric.key): Cell(
            mean=fmean(each.values()),
            std=stdev(each.values()) if len(each) > 1 else None,
            values=list(each.values()),
            rank=rank.get(name, ""),
        )
        for name, each in values.items()
    }


def _sorted(found: Sequence[Variant], first: Metric, cells: Cells) -> list[Variant]:
    """Best first; where nothing says which way is better, smallest first; without the figure last."""

    def place(variant: Variant) -> float:
        cell = cells.get((variant.name, first.key))
        return math.inf if cell is None else cell.mean * (-1 if first.better == "higher" else 1)

    return sorted(found, key=place)


def _baseline(runs: Sequence[Run], metric: Metric) -> list[tuple[str, float]]:
    """PCA's figure at each code size: the mean over runs, for a score card draws its examples by the seed."""
    by_size: dict[int, list[float]] = {}
    for run in runs if metric.baseline else ():
        if metric.baseline in run.figures and (size := run.figures.get("baseline/pca_components")) is not None:
            by_size.setdefault(int(size), []).append(run.figures[str(metric.baseline)])
    return [(f"PCA-{size}", fmean(values)) for size, values in sorted(by_size.items())]


def _data(run: Run) -> str:
    data = run.config.get("data", {})
    shape = data.get("shape")
    sizes = f": examples of {' x '.join(map(str, shape))}" if shape and isinstance(shape, list) else ""
    return f"{class_name(data.get('_target_', ''))}{sizes}"
