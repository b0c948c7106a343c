"""Many picture files decoded at once, in order; one that cannot be read is told, and stops nothing."""

import math
import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from src.data.pictures.reader import PictureReader
from src.errors import UserError

WAITING_BYTES = 2**25
"""What is decoded waits in memory until it is taken: about so much may."""

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


class Fault(NamedTuple):
    """Why a picture could not be read."""

    why: str
    passing: bool
    """Whether it may be readable next time, the file being the same: the machine failed, not the file."""


class Decoded(NamedTuple):
    """Pictures as an array."""

    values: Tensor
    """(N, channels, size, size) uint8; black where a picture could not be read."""
    faults: dict[int, str]
    """Why, by index, for those that could not be read."""
    listed_in: Path | None = None
    """The file that lists all faults."""


def decoded(paths: Sequence[Path], read: PictureReader, workers: int | None = None) -> Iterator[Pixels | Fault]:
    """Each picture as (channels, size, size) uint8, or what is wrong with it.

    Threads do, since PIL's decoders leave Python's lock alone: on two cores two of them read nearly twice the pictures
    of one, and processes, which would have to start first, little more.

    Args:
        workers: how many; None for as many as this process may use cores.
    """
    from PIL import Image

    Image.init()  # the decoders are imported here, once, and not by all threads at the same time
    workers = workers or cores()
    at_once = max(2 * workers, WAITING_BYTES // (read.channels * read.size**2))
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(paths), at_once):
            yield from pool.map(partial(_read_or_fault, read), paths[start : start + at_once])


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def pil_silenced() -> Iterator[None]:
    """Without PIL's own warnings, of which there would be one for each of thousands of files."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def in_memory(pictures: Iterable[Pixels | Fault], shape: tuple[int, ...]) -> Decoded:
    """The pictures as an array (N, channels, size, size) of `shape`, kept nowhere.

    Raises:
        UserError: they do not fit into memory.
    """
    try:
        values = np.zeros(shape, np.uint8)
    except MemoryError as error:
        raise UserError(
            f"{shape[0]:,} decoded pictures take {math.prod(shape) / 1e9:.1f} GB, more memory than there is; name a "
            "folder with room for them by data.cache=<folder>, or take a smaller data.image_size."
        ) from error
    faults = {}
    for i, picture in enumerate(pictures):
        if isinstance(picture, Fault):
            faults[i] = picture.why
        else:
            values[i] = picture
    return Decoded(torch.from_numpy(values), faults)


def _read_or_fault(read: PictureReader, path: Path) -> Pixels | Fault:
    try:
        return read(path)
    except Exception as error:  # decoders of damaged files raise what they like, IndexError and SyntaxError among it
        return _fault(error)


def _fault(error: Exception) -> Fault:
    from PIL import Image, UnidentifiedImageError

    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, UnidentifiedImageError):
        return Fault("no picture, whatever its name says", passing=False)
    if isinstance(error, Image.DecompressionBombError):
        most = round(2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6)
        return Fault(f"more than {most} million pixels, which may be a trap; scale it down", passing=False)
    if isinstance(error, FileNotFoundError | PermissionError):  # the list of files knows of these
        return Fault(error.strerror or text, passing=False)
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno is not None):
        return Fault(text, passing=True)
    if isinstance(error, OSError) and "truncated" in text.lower():
        return Fault("cut short", passing=False)
    return Fault(text, passing=False)
