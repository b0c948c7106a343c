"""Which of several named arrays are the examples and which the labels, and of which part."""

import re
from collections.abc import Collection
from typing import NamedTuple, get_args

from src.data.arrays.labels import listed
from src.data.parts import Part
from src.errors import UserError

VALUES = frozenset({"x", "data", "image", "images", "imgs", "input", "inputs", "feature", "features", "values", ""})
LABELS = frozenset({"y", "label", "labels", "target", "targets", "class", "classes"})
PARTS: dict[str, Part] = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test",
    "testing": "test",
}  # fmt: skip
AUTO = "auto"


class Named(NamedTuple):
    """The names of the arrays of each part; "train" is there, the others may be."""

    values: dict[Part, str]
    labels: dict[Part, str]


def sorted_out(names: Collection[str], where: str, values: str | None = None, labels: str | None = AUTO) -> Named:
    """The arrays' names by their words: x_train, train_images, images, y_test, targets and the like; case aside.

    An only array holds the examples, whatever its name; others that say nothing are left alone.

    Args:
        names: of all arrays there are.
        where: where they are, for messages.
        values, labels: the names to take instead, of one array each; labels None: none at all.

    Raises:
        UserError: a name is not there, or it is not clear which array is meant.
    """
    if not names:
        raise UserError(f"{where} has no arrays in it; save it by np.savez('x.npz', x=x, y=y).")
    for dial, name in (("values", values), ("labels", labels)):
        if name not in (None, AUTO, *names):
            raise UserError(f"data.{dial}={name}, but {where} has {listed(sorted(names))}; type one of these.")
    told: dict[str, dict[Part, str]] = {"values": {}, "labels": {}}
    for name in sorted(names):
        kind, part = _meaning(name)
        if kind is None or (kind == "labels" and labels != AUTO) or (kind == "values" and values is not None):
            continue
        if part in told[kind]:
            raise UserError(
                f"{where} has both '{told[kind][part]}' and '{name}'; type data.{kind}={name} to take one of them."
            )
        told[kind][part] = name
    if values is not None:
        told["values"] = {"train": values}
    elif len(names) == 1:
        told["values"] = {"train": next(iter(names))}
    if labels not in (None, AUTO):
        told["labels"] = {"train": str(labels)}
    if "train" not in told["values"]:
        raise UserError(
            f"{where} has {listed(sorted(names))}, none of which is called x, data, images or x_train; type "
            f"data.values={min(names, default='x')} (and data.labels=... for the classes)."
        )
    if set(told["labels"]) - set(told["values"]):
        alone = next(name for part, name in told["labels"].items() if part not in told["values"])
        raise UserError(f"{where} has the labels '{alone}', but no examples for them; type data.labels=null.")
    return Named({part: told["values"][part] for part in get_args(Part) if part in told["values"]}, told["labels"])


def _meaning(name: str) -> tuple[str | None, Part]:
    """("values", "labels" or None, the part) that a name tells."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    part = next((PARTS[word] for word in words if word in PARTS), None)
    kind = "_".join(word for word in words if word not in PARTS)
    if kind in VALUES and (kind or part):
        return "values", part or "train"
    return ("labels" if kind in LABELS else None), part or "train"
