"""Few combinations of options in which every two options meet."""

import itertools
from collections.abc import Collection, Iterable, Sequence

Pair = frozenset[str]


def covering(groups: Sequence[Sequence[str]], refused: Collection[Pair] = ()) -> list[tuple[str, ...]]:
    """Rows of one option a group, in which each two options of different groups occur together at least once.

    Options whose set is in `refused` never stand in one row. Greedy, and the same for the same input: each row starts
    from a pair that is still missing and takes from each other group the option that adds most.
    """
    missing = {
        frozenset(pair)
        for one, other in itertools.combinations(groups, 2)
        for pair in itertools.product(one, other)
        if not any(r <= frozenset(pair) for r in refused)
    }
    order = {pair: i for i, pair in enumerate(sorted(missing, key=sorted))}
    rows: list[tuple[str, ...]] = []
    while missing:
        row = _completed(min(missing, key=order.__getitem__), groups, missing, refused)
        if row is None:
            start = min(missing, key=order.__getitem__)
            raise AssertionError(f"{sorted(start)} can stand in no row: name the refused pair")
        rows.append(row)
        missing -= {frozenset(pair) for pair in itertools.combinations(row, 2)}
    return rows


def _completed(
    start: Pair, groups: Sequence[Sequence[str]], missing: Collection[Pair], refused: Collection[Pair]
) -> tuple[str, ...] | None:
    """The row that grows from a pair, the groups with most options first."""
    chosen = set(start)
    for group in sorted(groups, key=len, reverse=True):
        if chosen & set(group):
            continue
        allowed = [option for option in group if not any(r <= chosen | {option} for r in refused)]
        if not allowed:
            return None
        chosen.add(max(allowed, key=lambda option: _gain(option, chosen, missing)))
    return tuple(next(option for option in group if option in chosen) for group in groups)


def _gain(option: str, chosen: Iterable[str], missing: Collection[Pair]) -> int:
    return sum(frozenset((option, other)) in missing for other in chosen)
