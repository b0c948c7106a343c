"""What the folders that files lie in say about them: to which set they belong, and which class they are."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from src.data.arrays.labels import warn_of_single
from src.data.parts import Part
from src.data.pictures.picture_files import some
from src.errors import UserError

PARTS: dict[str, Part] = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
"""Folders that make a split, in any case, and the parts they stand for."""
LEAST_CLASSES = 2
"""A single folder tells nothing apart."""


class Place(NamedTuple):
    """Where a file stands in a split."""

    part: Part | None
    """None where it lies beside the folders of a split, and so in none."""
    name: str
    """Its path below the folder of the part, or below the root where the folders make no split."""


def places(names: Sequence[str]) -> list[Place]:
    """The place of each file, by its path below the root; all are train where the folders make no split.

    They make one where a folder train stands beside val or test, or alone. So a class that is called train, beside a
    class plane, is a class. Pictures beside the folders of a split are counted in a warning.

    Raises:
        UserError: there is nothing but val and test.
    """
    parts = [PARTS.get(name.split("/")[0].lower()) if "/" in name else None for name in names]
    there = sorted({part for part in parts if part})
    if None not in parts and "train" not in there:
        raise UserError(
            f"all files lie in {' and '.join(there)}, without a folder train beside; call the folder to train on "
            "train, or name the one folder that is to be split by data.root=..."
        )
    if "train" not in there or (None in parts and len(there) == 1):
        return [Place("train", name) for name in names]
    outside = [name for name, part in zip(names, parts, strict=True) if part is None]
    if outside:
        warnings.warn(
            f"{len(outside):,} of {len(names):,} files lie beside the folders {', '.join(there)} and are left out: "
            f"{some(outside)}.",
            stacklevel=2,
        )
    return [Place(part, name.split("/", 1)[-1]) for name, part in zip(names, parts, strict=True)]


def classes_of(names: Sequence[str]) -> tuple[tuple[str, ...], list[int]]:
    """The names of the classes, sorted, and the label of each file, by its path below its part.

    The first folders are the classes where there are at least two and every file lies in one. Otherwise there are
    none, and all labels are -1; where that is for a few loose pictures, they are counted in a warning.
    """
    folders = [name.split("/")[0] if "/" in name else "" for name in names]
    classes = tuple(sorted(set(folders) - {""}))
    if len(classes) < LEAST_CLASSES:
        return (), [-1] * len(names)
    loose = [name for name, folder in zip(names, folders, strict=True) if not folder]
    if loose:
        warnings.warn(
            f"{len(loose):,} of {len(names):,} files lie outside of the {len(classes):,} folders "
            f"({some(classes)}), so these are no classes and nothing has a label: {some(loose)}.",
            stacklevel=2,
        )
        return (), [-1] * len(names)
    label = {name: i for i, name in enumerate(classes)}
    return classes, [label[folder] for folder in folders]


def tell_gaps(labels: Mapping[Part, Tensor], classes: Sequence[str], root: Path) -> None:
    """Warn of classes with a single file, and of those that stand in one folder of a split and not in another.

    Args:
        labels: (N,) of each part that there is.

    Raises:
        UserError: a part is empty.
    """
    for part, its in labels.items():
        if not len(its):
            raise UserError(f"none of the files in {root}/{part} can be read; put others there, or remove it.")
    warn_of_single(torch.cat(list(labels.values())), classes)
    counts = {part: torch.bincount(its[its >= 0], minlength=len(classes)) for part, its in labels.items()}
    gaps = {part: [classes[k] for k in (count == 0).nonzero()[:, 0].tolist()] for part, count in counts.items()}
    told = "; ".join(f"{part} lacks {len(missing):,} ({some(missing)})" for part, missing in gaps.items() if missing)
    if told:
        warnings.warn(f"not all of the {len(classes):,} classes are in each folder of {root}: {told}.", stacklevel=2)
