"""Which variants are not significantly worse than the best one, over seeds.

Against the best, each other variant is tested one-sided: by the paired t-test over the seeds that both have (runs of
one seed share the order of their examples), or by Welch's where they share fewer than two (Student 1908; Welch 1947).
The p-values of one column are corrected by Holm (1979). The best is chosen from the same runs, as a table always does,
so the test leans towards calling the others worse; the correction leans the other way.
"""

import math
from collections.abc import Mapping

from src.comparison.records import Rank

ALPHA = 0.05
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
        intervals: 95 % intervals of variants with one run; where no test is possible, overlapping ones are tied.
    """
    means = {name: sum(each.values()) / len(each) for name, each in values.items()}
    best = best_of(means, lower)
    p = {name: worse(values[best], each, lower) for name, each in values.items() if name != best}
    adjusted = holm({name: value for name, value in p.items() if value is not None})
    found: dict[str, Rank] = {best: "best"}
    for name in p:
        if name in adjusted:
            found[name] = "tied" if adjusted[name] >= ALPHA else ""
        elif intervals and best in intervals and name in intervals:
            found[name] = "tied" if _overlap(intervals[best], intervals[name]) else ""
        else:
            found[name] = "tied" if adjusted or means[name] == means[best] else ""
    return found


def worse(best: BySeed, other: BySeed, lower: bool) -> float | None:
    """The p-value of "other is not worse than best", one-sided; None where there are too few seeds to test it."""
    common = sorted(set(best) & set(other))
    sign = 1.0 if lower else -1.0
    if len(common) >= 2:
        return _paired([sign * (other[seed] - best[seed]) for seed in common])
    if len(best) < 2 or len(other) < 2:
        return None
    from scipy.stats import ttest_ind

    a, b = ([sign * value for value in each.values()] for each in (other, best))
    if max(a) == min(a) and max(b) == min(b):
        return 0.0 if a[0] > b[0] else 1.0
    return float(ttest_ind(a, b, equal_var=False, alternative="greater").pvalue)


def _paired(differences: list[float]) -> float:
    """Of differences that are all the same (closed forms, which seeds do not touch) there is no doubt."""
    from scipy.stats import ttest_1samp

    if math.isclose(max(differences), min(differences), rel_tol=1e-9):
        return 0.0 if differences[0] > 0 else 1.0
    return float(ttest_1samp(differences, 0.0, alternative="greater").pvalue)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p-values: the k-th smallest of m times (m - k + 1), never below the one before it, 1 at most."""
    adjusted, highest = {}, 0.0
    for k, name in enumerate(sorted(p, key=lambda name: p[name])):
        highest = max(highest, min(1.0, p[name] * (len(p) - k)))
        adjusted[name] = highest
    return adjusted


def _overlap(a: Interval, b: Interval) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]
