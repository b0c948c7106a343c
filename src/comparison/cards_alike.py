"""Whether score cards were measured in one way: figures of other samples, or in other features, do not compare."""

from collections.abc import Sequence

from src.comparison.records import Run
from src.comparison.settings import differing, fingerprint, written

_OF_CARDS = "scorecard/"


def ways(runs: Sequence[Run], key: str) -> list[list[Run]]:
    """The runs that have this figure of a score card, by the way in which it was measured; none for other figures."""
    found: dict[str, list[Run]] = {}
    for run in runs if key.startswith(_OF_CARDS) else ():
        if key in run.figures:
            found.setdefault(fingerprint(run.card), []).append(run)
    return list(found.values())


def alike(runs: Sequence[Run], key: str) -> bool:
    """Whether this figure was measured in one way in all runs that have it."""
    return len(ways(runs, key)) < 2


def told(runs: Sequence[Run], key: str) -> str:
    """What the ways differ in: "max_samples=2000 in 3 runs, max_samples=500 in 1 run"."""
    groups = ways(runs, key)
    keys = differing([group[0].card for group in groups])
    return ", ".join(
        " ".join(f"{name}={written(group[0].card.get(name))}" for name in keys)
        + f" in {len(group)} run{'s' if len(group) > 1 else ''}"
        for group in groups
    )
