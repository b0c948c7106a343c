"""Names for variants: the model's, and whatever settings tell apart those that share it."""

from collections.abc import Mapping, Sequence
from typing import Any

from src.comparison.foreign_text import one_line
from src.comparison.records import Run
from src.comparison.settings import class_name, differing, telling, typed, written

TYPED_AT_MOST = 3
"""Settings that were typed and differ stand in a name up to this many, needed or not: they are what was tried."""
LONGEST = 120
_TARGET = "._target_"


def model_name(run: Run) -> str:
    """What was typed for `model=`, or for `experiment=`, or the model's class."""
    asked = typed(run)
    target = dict(run.config.get("model", {})).get("_target_", "")
    return one_line(asked.get("model") or asked.get("experiment") or class_name(target), LONGEST) or "model"


def names(firsts: Sequence[Run]) -> list[str]:
    """A name for each variant, told by its first run; all are different."""
    models = [model_name(run) for run in firsts]
    found = list(models)
    for model in dict.fromkeys(models):
        alike = [i for i, other in enumerate(models) if other == model]
        if len(alike) > 1:
            for i, parts in zip(alike, _parts([firsts[i] for i in alike]), strict=True):
                found[i] = one_line(", ".join([model, *parts]), LONGEST)
    return _numbered(found)


def _numbered(found: Sequence[str]) -> list[str]:
    """All different, whatever was typed: a name that is there already gets a number, as "vae (2)"."""
    taken: dict[str, None] = {}
    for name in found:
        tries = (f"{name} ({n})" if n > 1 else name for n in range(1, len(found) + 1))
        taken[next(other for other in tries if other not in taken)] = None
    return list(taken)


def _parts(runs: Sequence[Run]) -> list[list[str]]:
    """For each of several variants of one model name, the settings that tell it from the others."""
    settings, asked = [telling(run) for run in runs], [typed(run) for run in runs]
    keys = _candidates(settings)
    order = list(dict.fromkeys(key for each in asked for key in each))
    was_typed = {key: key.removesuffix(_TARGET) in order for key in keys}
    keys.sort(key=lambda key: order.index(key.removesuffix(_TARGET)) if was_typed[key] else len(order))
    short = shortened([key.removesuffix(_TARGET) for key in keys])
    parts: list[list[str]] = [[] for _ in runs]
    taken = 0
    for key in keys:
        texts = [_text(key, each, what, short) for each, what in zip(settings, asked, strict=True)]
        longer = [[*old, text] if text else old for old, text in zip(parts, texts, strict=True)]
        if (was_typed[key] and taken < TYPED_AT_MOST) or _distinct(longer) > _distinct(parts):
            parts, taken = longer, taken + 1
    return parts


def _candidates(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys that differ, without those that only follow from another class being built."""
    keys = differing(settings)
    built = {key.removesuffix(_TARGET) for key in keys if key.endswith(_TARGET)}

    def follows(key: str) -> bool:
        values = {repr(each[key]) for each in settings if key in each}
        return len(values) == 1 and any(key.startswith(f"{node}.") for node in built)

    return [key for key in keys if key.endswith(_TARGET) or not follows(key)]


def _text(key: str, settings: Mapping[str, Any], asked: Mapping[str, str], short: Mapping[str, str]) -> str:
    """`beta=4`, `network=conv`, or nothing where this variant has no such setting."""
    if key not in settings:
        return ""
    if not key.endswith(_TARGET):
        return f"{short[key]}={written(settings[key])}"
    node = key.removesuffix(_TARGET)
    return f"{short[node]}={asked.get(node) or class_name(settings[key])}"


def _distinct(parts: Sequence[Sequence[str]]) -> int:
    return len({tuple(each) for each in parts})


def shortened(keys: Sequence[str]) -> dict[str, str]:
    """Each dotted key by as few of its last words as tell it from the others: `model.beta` -> `beta`."""
    found = {}
    for key in keys:
        words = key.split(".")
        for n in range(1, len(words) + 1):
            ending = words[-n:]
            if sum(other.split(".")[-n:] == ending for other in set(keys)) == 1:
                break
        found[key] = ".".join(ending)
    return found
