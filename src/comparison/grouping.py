"""Runs grouped into variants: those that differ in nothing but the seed are one."""

from collections.abc import Sequence
from pathlib import Path

from src.comparison.naming import model_name, names
from src.comparison.records import Run, Variant
from src.comparison.settings import class_name, data_of, differing, fingerprint, telling, written
from src.errors import UserError

LeftOut = list[tuple[Path, str]]
_MOST_NAMED = 5


def same_data(runs: Sequence[Run]) -> None:
    """Raise `UserError` where the runs were not all measured on the same examples."""
    kinds: dict[str, list[Run]] = {}
    for run in runs:
        kinds.setdefault(fingerprint(data_of(run)), []).append(run)
    if len(kinds) < 2:
        return
    keys = differing([data_of(group[0]) for group in kinds.values()])
    lines = [f"  {_described(group[0], keys)}: {_listed(group)}" for group in kinds.values()]
    raise UserError(
        f"these runs were measured on {len(kinds)} different data, and figures on different data do not compare:\n"
        + "\n".join(lines)
        + f"\nCompare one group at a time, e.g. '{chosen_runs(next(iter(kinds.values())))}'"
    )


def _described(run: Run, keys: Sequence[str]) -> str:
    data = data_of(run)
    settings = [f"data.{key}={written(data[key])}" for key in keys if key in data and key != "_target_"]
    return " ".join([class_name(data.get("_target_", "")), *settings[:_MOST_NAMED]])


def _listed(runs: Sequence[Run]) -> str:
    more = f" and {len(runs) - _MOST_NAMED} more" if len(runs) > _MOST_NAMED else ""
    return ", ".join(str(run.folder) for run in runs[:_MOST_NAMED]) + more


def chosen_runs(runs: Sequence[Run]) -> str:
    """What to type for these runs."""
    return f"runs=[{','.join(str(run.folder) for run in runs[:_MOST_NAMED])}{',...' if runs[_MOST_NAMED:] else ''}]"


def variants(runs: Sequence[Run]) -> tuple[list[Variant], LeftOut]:
    """The variants in the order in which their first runs come, and runs that only repeat another one.

    A run with the same settings and the same seed as another says nothing new: the one that comes last is compared.
    """
    groups: dict[str, dict[int, Run]] = {}
    left_out: LeftOut = []
    for run in runs:
        by_seed = groups.setdefault(fingerprint(telling(run)), {})
        if (before := by_seed.get(run.seed)) is not None:
            reason = f"has the settings and the seed of {run.folder}, which is compared in its place"
            left_out.append((before.folder, reason))
        by_seed[run.seed] = run
    members = [list(by_seed.values()) for by_seed in groups.values()]
    firsts = [group[0] for group in members]
    settings = [telling(run) for run in firsts]
    keys = differing(settings)
    found = [
        Variant(name, group, {key: own[key] for key in keys if key in own}, model_name(group[0]))
        for name, group, own in zip(names(firsts), members, settings, strict=True)
    ]
    return found, left_out
