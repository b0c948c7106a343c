"""The windows of a folder of recordings, in three sets that share no recording."""

import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple
from warnings import warn

import torch
from torch import Tensor

from src.data.arrays.labels import warn_of_single
from src.data.examples import Examples
from src.data.parts import Part, three_sets
from src.data.pictures.folder_layout import classes_of, places
from src.data.pictures.picture_files import some
from src.data.signals.recordings import Recordings, find_recordings, read_recordings
from src.errors import UserError


class SoundFolder(NamedTuple):
    """What a folder of recordings gives."""

    sets: list[Examples]
    """To train on, to validate on, to test on: windows (M, 1, length) of one tensor, not copied."""
    heard: list[Tensor]
    """The recordings to train on, (samples, 1) each."""
    classes: tuple[str, ...]
    """The names of the labels, none where folders tell nothing."""


def sound_folder(
    root: Path,
    sample_rate: int,
    length: int,
    stride: int,
    *,
    val_fraction: float,
    test_fraction: float,
    max_bad: float,
    seed: int,
) -> SoundFolder:
    """Read, check and part the recordings below `root`; the arguments are those of `Audio`.

    Raises:
        UserError: too many cannot be used, are too short, or there are too few for three sets.
    """
    names = find_recordings(root)
    placed = [(name, place) for name, place in zip(names, places(names), strict=True) if place.part]
    names, where = [name for name, _ in placed], [place for _, place in placed]
    found = read_recordings(root, names, sample_rate, stride)
    _tell_faults(root, names, found, max_bad)
    used = _long_enough(root, names, found, length, sample_rate)
    classes, labels = classes_of([where[i].name for i in used])
    warn_of_single(torch.tensor(labels), classes)
    files = Examples(torch.empty(len(names), 0), torch.tensor(labels), {}, torch.tensor(used))
    parts = [where[i].part for i in used]
    _check_parts(root, {place.part for place in where}, parts)
    given: dict[Part, Examples] = {
        part: files.take(torch.tensor([at == part for at in parts]))
        for part in ("train", "val", "test")
        if part in parts
    }
    _check_enough(root, given)
    parted = three_sets(given, val_fraction, test_fraction, seed, f"data.root={root}")
    assert parted[0].rows is not None
    heard = [_recording(found, i)[:, None] for i in parted[0].rows.tolist()]
    if not any(_loud(recording) for recording in heard):
        raise UserError(f"all recordings in {root} that are to be trained on are silent; put others there.")
    return SoundFolder([_windows(found, part, length, stride) for part in parted], heard, classes)


def _windows(found: Recordings, files: Examples, length: int, stride: int) -> Examples:
    """The windows of some recordings, none of which reaches from one into the next."""
    assert files.rows is not None
    counts = [1 + (found.lengths[i] - length) // stride for i in files.rows.tolist()]
    first = [found.starts[i] // stride for i in files.rows.tolist()]  # each begins at a multiple of the stride
    rows = torch.cat([torch.arange(count) + start for start, count in zip(first, counts, strict=True)])
    windows = found.sound.unfold(0, length, stride)[:, None]
    return Examples(windows, files.labels.repeat_interleave(torch.tensor(counts)), {}, rows)


def _tell_faults(root: Path, names: Sequence[str], found: Recordings, max_bad: float) -> None:
    n, bad = len(names), len(found.faults)
    if bad:
        named = some([f"{names[i]} ({why})" for i, why in sorted(found.faults.items())])
        if bad > (max_bad if isinstance(max_bad, int) else math.floor(max_bad * n)):
            raise UserError(
                f"{bad:,} of {n:,} recordings in {root} cannot be used, more than data.max_bad={max_bad} lets pass: "
                f"{named}; mend or remove them, or type data.max_bad={bad}."
            )
        warn(f"{bad:,} of {n:,} recordings in {root} cannot be used and are left out: {named}.", stacklevel=2)
    silent = [name for i, name in enumerate(names) if i not in found.faults and not _loud(_recording(found, i))]
    if silent:
        warn(f"{len(silent):,} of {n:,} recordings in {root} are silent: {some(silent)}.", stacklevel=2)


def _long_enough(root: Path, names: Sequence[str], found: Recordings, length: int, sample_rate: int) -> list[int]:
    """Which recordings hold a window."""
    good = [i for i in range(len(names)) if i not in found.faults]
    short = [names[i] for i in good if found.lengths[i] < length]
    if not good or len(short) == len(good):
        longest = max((found.lengths[i] for i in good), default=0)
        advice = f"the longest has {longest}: type data.length={longest} or less" if good else "put others there"
        raise UserError(
            f"none of the {len(names):,} recordings in {root} holds a window of {length} samples at {sample_rate} a "
            f"second; {advice}."
        )
    if short:
        warn(
            f"{len(short):,} of {len(names):,} recordings in {root} are shorter than a window of {length} samples and "
            f"are left out: {some(short)}.",
            stacklevel=2,
        )
    return [i for i in good if found.lengths[i] >= length]


def _check_parts(root: Path, there: Collection[Part | None], used: Collection[Part | None]) -> None:
    """A folder of a split that gives nothing must not silently be cut from another."""
    for part in sorted(str(part) for part in there if part not in used):
        raise UserError(
            f"none of the recordings in {root}/{part} can be used or holds a window; put others there, or remove it."
        )


def _check_enough(root: Path, given: dict[Part, Examples]) -> None:
    n = len(given["train"].labels) if "train" in given else 0
    least = 1 + sum(part not in given for part in ("val", "test"))
    if n < least:
        raise UserError(
            f"{root} has {n} recordings to train on that hold a window, and at least {least} are needed, for none is "
            "in two of the three sets; put more there, or part long ones."
        )


def _recording(found: Recordings, i: int) -> Tensor:
    return found.sound[found.starts[i] : found.starts[i] + found.lengths[i]]


def _loud(recording: Tensor) -> bool:
    return bool(recording.min() < recording.max())
