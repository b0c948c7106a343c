"""Who writes to a folder: one process at a time, and whether there is one now."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from src.errors import UserError


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else holds the folder meanwhile. The system lets go of it when the process ends, however it ends.

    Raises:
        UserError: another process holds it.
    """
    with _descriptor(folder) as descriptor:
        if not _locked(descriptor):
            raise UserError(f"{folder} is being written to: what was started there still runs. Let it end first.")
        yield


def is_held(folder: Path) -> bool:
    """Whether a process of this machine holds the folder; False also where the file system keeps no locks."""
    if not folder.is_dir():
        return False
    with _descriptor(folder) as descriptor:
        return not _locked(descriptor)


@contextmanager
def _descriptor(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)  # the folder itself, so that no file is left behind
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # some network file systems lock no folders; a run there goes on as it is
    return True
