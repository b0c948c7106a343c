"""Which variants are not significantly worse than the best one, over seeds.

Against the best, each other variant is tested one-sided: by the paired t-test over the seeds that both have (runs of
one seed share the order of their examples), or by Welch's where they share fewer than two (Student 1908; Welch 1947).
The p-values of one column are corrected by Holm (1979). The best is chosen from the same runs, as a table always does,
so the test leans towards calling the others worse; the correction leans the other way.
"""

import math
from collections.abc import Mapping
from statistics import fmean, stdev

from src.comparison.records import Rank

ALPHA = 0.05
ROUNDING = 1e-9
"""Values closer than that, as a share of their size, are the same."""
BySeed = Mapping[int, float]
Interval = tuple[float, float]


def best_of(means: Mapping[str, float], lower: bool) -> str:
    """The name with the best mean; the first of equals."""
    return (min if lower else max)(means, key=lambda name: means[name])


def ranks(
    values: Mapping[str, BySeed], lower: bool, intervals: Mapping[str, Interval] | None = None
) -> dict[str, Rank]:
    """The rank of each variant in one column.

    Args:
        values: by variant, its figure by seed; at least one each.
        lower: whether lower is better.
        intervals: 95 % intervals of variants with one run; in a column without tests, overlapping ones are tied.

    In a column in which two variants or more have seeds to be tested by, a variant that cannot be tested is tied: the
    blank of the others says that a test found them worse. If the best itself has one seed, that is so of all others.
    """
    means = {name: fmean(each.values()) for name, each in values.items()}
    best = best_of(means, lower)
    p = {name: worse(values[best], each, lower) for name, each in values.items() if name != best}
    adjusted = holm({name: value for name, value in p.items() if value is not None})
    tested = sum(len(each) > 1 for each in values.values()) > 1
    found: dict[str, Rank] = {best: "best"}
    for name in p:
        if name in adjusted:
            found[name] = "tied" if adjusted[name] >= ALPHA else ""
        elif not tested and intervals and best in intervals and name in intervals:
            found[name] = "tied" if _overlap(intervals[best], intervals[name]) else ""
        else:
            found[name] = "tied" if tested or means[name] == means[best] else ""
    return found


def worse(best: BySeed, other: BySeed, lower: bool) -> float | None:
    """The p-value of "other is not worse than best", one-sided; None where there are too few seeds to test it."""
    common = sorted(set(best) & set(other))
    sign = 1.0 if lower else -1.0
    if len(common) >= 2:
        return _paired(*([sign * each[seed] for seed in common] for each in (best, other)))
    if len(best) < 2 or len(other) < 2:
        return None
    from scipy.stats import ttest_ind_from_stats  # the other one warns of figures that never vary

    a, b = ([sign * value for value in each.values()] for each in (best, other))
    if _same(a) and _same(b):
        return _without_doubt(a, b)
    of_both = (part(each) for each in (b, a) for part in (fmean, stdev, len))
    return float(ttest_ind_from_stats(*of_both, equal_var=False, alternative="greater").pvalue)


def _paired(best: list[float], other: list[float]) -> float:
    """The paired test of figures of which less is better, seed by seed.

    Differences that are all the same have no spread to test by. There is no doubt of figures that seeds do not touch
    (closed forms); of others, shares of few images for one, it is chance, and what is left is that all have one sign:
    2^-n, the sign test's.
    """
    from scipy.stats import ttest_1samp

    if _same(best) and _same(other):
        return _without_doubt(best, other)
    differences = [b - a for a, b in zip(best, other, strict=True)]
    if _same(differences):
        return 0.5 ** len(differences) if differences[0] > 0 else 1.0
    return float(ttest_1samp(differences, 0.0, alternative="greater").pvalue)


def _without_doubt(best: list[float], other: list[float]) -> float:
    return 0.0 if other[0] > best[0] and not _same([best[0], other[0]]) else 1.0


def _same(values: list[float]) -> bool:
    return math.isclose(max(values), min(values), rel_tol=ROUNDING)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p-values: the k-th smallest of m times (m - k + 1), never below the one before it, 1 at most."""
    adjusted, highest = {}, 0.0
    for k, name in enumerate(sorted(p, key=lambda name: p[name])):
        highest = max(highest, min(1.0, p[name] * (len(p) - k)))
        adjusted[name] = highest
    return adjusted


def _overlap(a: Interval, b: Interval) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]
