"""What a reader must know to read a comparison right, a sentence each."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from src.comparison.cards_alike import alike, told
from src.comparison.records import Cell, Metric, Run, Variant
from src.comparison.significance import ALPHA

Cells = Mapping[tuple[str, str], Cell]
MOST_NAMED = 8


def notes(found: Sequence[Variant], columns: Sequence[Metric], first: Metric, cells: Cells) -> list[str]:
    """What a reader must know to read the table right."""
    runs = [run for variant in found for run in variant.runs]
    apart = [each for each in columns if not alike(runs, each.key)]
    said = list(_about_marks(found, [each for each in columns if each not in apart], cells)) if len(found) > 1 else []
    if apart:
        said.append(
            f"Score cards were not all measured in one way ({told(runs, apart[0].key)}), so these figures of theirs do "
            f"not compare, and none is marked: {_listed([each.label for each in apart])}. Evaluate all runs alike."
        )
    models = [variant.model for variant in found]
    if shared := [model for model in dict.fromkeys(models) if models.count(model) > 1]:
        said.append(f"Several variants are of one model ({', '.join(shared)}): their names say what tells them apart.")
    if losers := _below_pca(found, first):
        said.append(f"Worse than PCA at the same code size by {first.label}: {_listed(losers)}.")
    lacking = [variant.name for variant in found if (variant.name, first.key) not in cells]
    if lacking:
        said.append(f"Without {first.key}, and therefore last: {_listed(lacking)}.")
    return said


def _listed(names: Sequence[str]) -> str:
    more = f"; and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return "; ".join(names[:MOST_NAMED]) + more


def _about_marks(found: Sequence[Variant], columns: Sequence[Metric], cells: Cells) -> Iterator[str]:
    """By what the marks of each column stand there: tests over seeds, intervals over examples, or nothing."""
    ranked = [each for each in columns if each.better and sum((v.name, each.key) in cells for v in found) > 1]
    untested = [each for each in ranked if sum(len(cell.values) > 1 for cell in _of(each, cells)) < 2]
    if len(untested) < len(ranked):
        yield (
            "Marked are the best of each column and those not significantly worse than it: one-sided t-tests over "
            f"seeds, paired where seeds match and Welch's where not, at {ALPHA} after Holm's correction."
        )
        once = [variant.name for variant in found if len(variant.runs) == 1]
        if once:
            yield f"One seed only, which no test can tell apart from the best: {_listed(once)}."
    if untested:
        labels = ", ".join(each.label for each in untested)
        yield ("Too few" if len(untested) == len(ranked) else f"{labels}: too few") + (
            " variants have two seeds or more, so no test says which differences would last with other seeds, and only "
            "the best of each column is marked."
        )
    if any(each.key in run.intervals for each in untested for variant in found for run in variant.runs):
        yield (
            "Where both have one score card, those whose 95 % intervals over test examples overlap with the best one's "
            "are marked too; intervals say nothing about other seeds."
        )


def _of(metric: Metric, cells: Cells) -> list[Cell]:
    return [cell for (_, key), cell in cells.items() if key == metric.key]


def _below_pca(found: Sequence[Variant], metric: Metric) -> list[str]:
    """The variants that lose to PCA in the mean over their runs."""
    if metric.baseline is None or metric.better is None:
        return []
    sign = 1 if metric.better == "lower" else -1
    return [
        variant.name
        for variant in found
        if (lead := _lead(variant.runs, metric.key, metric.baseline)) is not None and sign * lead > 0
    ]


def _lead(runs: Sequence[Run], key: str, baseline: str) -> float | None:
    leads = [r.figures[key] - r.figures[baseline] for r in runs if key in r.figures and baseline in r.figures]
    return fmean(leads) if leads else None
