"""Files that a reader sees whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside `path`, with its ending, to write to; what was written takes its place at the end.

    Whatever goes wrong half-way (Ctrl-C, a full disk) leaves the file that was there before. The name is the process's
    own, so that two that write the same file do not write into each other's.
    """
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
