"""A folder of sound files as one long tensor; nothing is written."""

import math
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from src.data.watched import watched
from src.errors import UserError

ENDINGS = (".wav", ".flac")
LOUDEST = 2.0**32
"""Times full scale: floats that were never scaled down from 32 bits are as loud as that, broken ones are louder."""
_UNKNOWN = (0, 0xFFFFFFFF)
"""What stands for the size of a RIFF file that was written to a pipe."""


class Recordings(NamedTuple):
    """Recordings of one rate, one after another."""

    sound: Tensor
    """(samples,) float32, -1 to 1 at full scale."""
    starts: list[int]
    """Where each begins."""
    lengths: list[int]
    """How many samples each has; 0 for one that cannot be used."""
    faults: dict[int, str]
    """Which cannot be used, and why."""


class Fault(Exception):
    """Why one file cannot be used."""


def find_recordings(root: Path) -> list[str]:
    """The paths of all sound files below `root`, at any depth, with / between folders, in the order of their names.

    Links are followed, each folder once; what is hidden is skipped.

    Raises:
        UserError: `root` is no folder, or there is none in it.
    """
    if not root.is_dir():
        what = "is a file; name the folder it lies in" if root.exists() else "does not exist; look at its spelling"
        raise UserError(f"data.root={root} {what}: data.root=<folder of your recordings>.")
    found, others, seen = list[str](), Counter[str](), set[str]()
    for folder, folders, files in os.walk(root, followlinks=True):
        place = os.path.realpath(folder)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__MACOSX")
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        for name in files:
            path, ending = os.path.join(folder, name), os.path.splitext(name)[1].lower()
            pipe = os.path.exists(path) and not os.path.isfile(path)  # it would be waited for, for ever
            if ending in ENDINGS and not name.startswith(".") and not pipe:
                found.append(os.path.relpath(path, root).replace(os.sep, "/"))
            else:
                others[ending or "without an ending"] += 1
    if not found:
        there = ", ".join(f"{n} {ending}" for ending, n in others.most_common(3))
        why = f" (there are other files: {there})" if there else ""
        raise UserError(f"data.root={root} has no .wav or .flac files in it{why}; name a folder that has some.")
    return sorted(found)


def read_recordings(root: Path, names: Sequence[str], sample_rate: int, step: int) -> Recordings:
    """All recordings, mixed to one channel and resampled, each from a multiple of `step` samples on.

    Raises:
        UserError: they are more than memory holds.
    """
    faults: dict[int, str] = {}
    lengths = [0] * len(names)
    for i, name in enumerate(names):
        try:
            lengths[i] = _length(root / name, sample_rate)
        except Fault as fault:
            faults[i] = str(fault)
    starts = np.cumsum([0, *(-(-length // step) * step for length in lengths)]).tolist()
    sound = _room(starts.pop(), f"data.root={root}", sample_rate)
    for i, name in watched(enumerate(names), len(names), f"reading {root.name}"):
        if lengths[i]:
            try:
                sound[starts[i] : starts[i] + lengths[i]] = _samples(root / name, sample_rate, lengths[i])
            except Fault as fault:
                faults[i], lengths[i] = str(fault), 0
    return Recordings(sound, starts, lengths, faults)


def _room(samples: int, where: str, sample_rate: int) -> Tensor:
    try:
        return torch.zeros(samples)
    except RuntimeError as error:
        raise UserError(
            f"{where} takes {samples * 4 / 1e9:,.0f} GB at data.sample_rate={sample_rate}, more than there is; type a "
            "lower rate, or name a folder with fewer recordings."
        ) from error


def _length(path: Path, sample_rate: int) -> int:
    """Samples at `sample_rate`, as the head of the file has it.

    Raises:
        Fault: it is no sound file, or not all of it is there.
    """
    import soundfile

    try:
        with path.open("rb") as file:
            head = file.read(8)
        about = soundfile.info(path)
    except OSError as error:
        raise Fault(error.strerror or "cannot be read") from error
    except soundfile.SoundFileError as error:
        raise Fault("no sound file") from error
    size, here = int.from_bytes(head[4:8], "little"), path.stat().st_size - len(head)
    if head[:4] == b"RIFF" and size not in _UNKNOWN and here + len(head) < size:
        raise Fault(f"cut short: {here:,} bytes of {size:,}")
    if not about.frames:
        raise Fault("without a sample")
    up, down = _ratio(about.samplerate, sample_rate)
    return -(-about.frames * up // down)


def _samples(path: Path, sample_rate: int, length: int) -> Tensor:
    """(length,) float32: the mean of the channels, resampled.

    Raises:
        Fault: it cannot be decoded to its end, or holds what is no sound.
    """
    import soundfile
    from scipy.signal import resample_poly

    try:
        channels, own_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise Fault("spoilt or cut short") from error
    if not (np.abs(channels) <= LOUDEST).all():  # NaN is not, either
        raise Fault("NaN or infinite samples, or far beyond full scale")
    mono = channels.mean(1)
    up, down = _ratio(own_rate, sample_rate)
    resampled = mono if up == down else resample_poly(mono, up, down).astype(np.float32)
    if len(resampled) != length:
        raise Fault("cut short")
    return torch.from_numpy(resampled)


def _ratio(own_rate: int, sample_rate: int) -> tuple[int, int]:
    """By how much to multiply the rate and then to divide it."""
    common = math.gcd(own_rate, sample_rate)
    return sample_rate // common, own_rate // common
