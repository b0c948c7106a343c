"""Who writes to a folder: one process at a time, and whether there is one now."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from src.distributed import is_first_process
from src.errors import UserError

PATIENCE = 0.5
"""Seconds that a folder is waited for: somebody may be looking whether it is held."""
_own: set[Path] = set()
"""What this process holds; a sweep whose jobs write into its own folder holds that twice."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else holds the folder, which is made, meanwhile; the system lets go of it however the process ends.

    Of the processes of one run the first holds it for all.

    Raises:
        UserError: another process holds it.
    """
    folder = folder.absolute()
    if folder in _own or not is_first_process():
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)  # the folder itself, so that no file is left behind
    try:
        _wait_for(descriptor, folder)
        _own.add(folder)
        yield
    finally:
        _own.discard(folder)
        _lock(descriptor, fcntl.LOCK_UN)  # closing it alone would leave it to whatever was forked meanwhile
        os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Whether a process of this machine holds the folder; False also where that cannot be seen."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def check_free(folder: Path) -> None:
    """Raise `UserError` where a process holds the folder."""
    if is_held(folder):
        raise UserError(f"{folder} is being written to: what was started there still runs. Let it end first.")


def _wait_for(descriptor: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not _lock(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > until:
            check_free(folder)
        time.sleep(0.01)


def _lock(descriptor: int, way: int) -> bool:
    try:
        fcntl.flock(descriptor, way | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # some network file systems lock no folders; a run there goes on as it is
    return True
