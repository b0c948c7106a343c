"""Decoded pictures kept in a file that is mapped into memory, so that they are decoded once.

An array (N, channels, size, size) uint8 in numpy's format, and beside it a manifest that is written last. Their names
follow from the settings and from the name, size and time of every picture, so a picture that changed makes other names.
Both are written under names of their own and moved into place whole: runs that start at once do the same work twice and
the last one stays; what a run left that ended half-way is believed by none, and removed by a later one.
"""

import errno
import hashlib
import json
import math
import os
import shutil
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from src.data.pictures.decoding import Decoded, Fault, Pixels
from src.data.pictures.picture_files import PictureFile

VERSION = 1
"""To be raised with every change to how pictures are decoded or kept."""
DEAD_SECONDS = 600
"""A file that is being written changes every few seconds; one that did not for so long is nobody's any more."""


class PictureCache:
    """The file of one list of pictures, decoded in one way.

    Args:
        folder: where it lies; made when it is needed.
        root: the folder of the pictures.
        files: the pictures, in the order of the array.
        shape: of one decoded picture, (channels, size, size).
        settings: all else that decoding depends on, as part of a file's name.
    """

    def __init__(
        self, folder: Path, root: Path, files: Sequence[PictureFile], shape: tuple[int, ...], settings: str
    ) -> None:
        self.folder, self.files, self.shape = folder, files, (len(files), *shape)
        # where the folder is shared by several data sets, one must not take another's file for an older one of its own;
        # by the way from one to the other, so that they may be moved together
        family = _digest([str(VERSION), os.path.relpath(root.resolve(), folder.resolve())], 4)
        self.family = f"{'x'.join(map(str, shape))}-{settings}-{family}-"
        self.key = self.family + _digest((json.dumps(file) for file in files), 16)
        self.array, self.manifest = folder / f"{self.key}.npy", folder / f"{self.key}.json"

    def read(self) -> Decoded | None:
        """The pictures as they were decoded once; None where they were not, or where that cannot be trusted."""
        self._sweep()
        index = {file.name: i for i, file in enumerate(self.files)}
        try:
            told = json.loads(self.manifest.read_bytes())
            if told["key"] != self.key or told["bytes"] != self.array.stat().st_size:
                return None
            faults = {index[name]: str(why) for name, why in told["broken"].items()}
            return Decoded(self._mapped(self.array), faults, self.manifest)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):  # missing, cut short, or another's
            return None

    def write(self, pictures: Iterable[Pixels | Fault]) -> Decoded:
        """Keep the pictures, one by one as they come. Where one failed that may not fail next time, for this run only.

        Raises:
            OSError: there is no room or no permission; nothing is left behind.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < math.prod(self.shape):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with self._new_file() as (file, part):
            faults = self._fill(file, pictures)
            whys = {i: fault.why for i, fault in faults.items()}
            values = self._mapped(part)
            if any(fault.passing for fault in faults.values()) or len(faults) == len(self.files):
                return Decoded(values, whys)
            broken = {self.files[i].name: why for i, why in whys.items()}
            told = {"key": self.key, "bytes": part.stat().st_size, "broken": broken}
            with self._new_file() as (manifest, whole):
                manifest.write(json.dumps(told, indent=1).encode())
                _to_disk(manifest)
                os.replace(part, self.array)
                os.replace(whole, self.manifest)
        self._remove_older()
        return Decoded(values, whys, self.manifest)

    def _fill(self, file: BinaryIO, pictures: Iterable[Pixels | Fault]) -> dict[int, Fault]:
        faults, black = {}, bytes(math.prod(self.shape[1:]))
        header = {"descr": "|u1", "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(file, header)
        for i, picture in enumerate(pictures):
            if isinstance(picture, Fault):
                faults[i] = picture
            file.write(black if isinstance(picture, Fault) else picture.tobytes())
        _to_disk(file)
        return faults

    def _mapped(self, path: Path) -> Tensor:
        """The array as a tensor; what is written to it never reaches the file."""
        try:
            values = np.lib.format.open_memmap(path, mode="c")
        except OSError as error:
            if error.errno != errno.ENOMEM:
                raise
            # the system promises no memory for changes to a file larger than all it has; nobody makes any
            values = np.lib.format.open_memmap(path, mode="r")
        if values.shape != self.shape or values.dtype != np.uint8:
            raise ValueError(f"{path} holds {values.dtype} {values.shape}")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*not writable.*")
            return torch.from_numpy(values)

    @contextmanager
    def _new_file(self) -> Iterator[tuple[BinaryIO, Path]]:
        """A file that is gone afterwards, unless it was moved to its place."""
        part = self.folder / f"{self.key}.{uuid.uuid4().hex[:8]}.part"
        try:
            with part.open("xb") as file:
                yield file, part
        finally:
            part.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what was left by runs that ended while they wrote."""
        with suppress(OSError):
            for part in self.folder.glob("*.part"):
                if time.time() - part.stat().st_mtime > DEAD_SECONDS:
                    part.unlink()

    def _remove_older(self) -> None:
        """Remove what was decoded before a picture changed; a run that has it open keeps it until it ends."""
        with suppress(OSError):
            for file in self.folder.iterdir():
                mine = file.name.startswith(self.family) and file.suffix in (".npy", ".json")
                if mine and file not in (self.array, self.manifest):
                    file.unlink(missing_ok=True)


def _to_disk(file: BinaryIO) -> None:
    """So that a name never stands for a file whose contents a power failure took."""
    file.flush()
    os.fsync(file.fileno())


def _digest(parts: Iterable[str], size: int) -> str:
    digest = hashlib.blake2b(digest_size=size)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()
