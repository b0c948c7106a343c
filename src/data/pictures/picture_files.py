"""Which files below a folder are pictures, with what tells that one was changed."""

import os
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from src.errors import UserError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tiff", ".tif")
NOT_READ = (".gif", ".heic", ".heif", ".avif", ".jfif", ".jp2", ".psd", ".svg")
"""Pictures too, but of kinds that are not read: whoever has some of them should hear that they are left out."""
SHOWN = 3
"""How many names stand in a sentence about many files."""


class PictureFile(NamedTuple):
    """A file that by its name is a picture."""

    name: str
    """Its path below the folder, with / between folders."""
    size: int
    """Bytes; -1 for a link that leads nowhere."""
    mtime_ns: int
    """When it was changed last."""
    readable: bool
    """Whether this user may read it."""


def find_pictures(root: Path) -> list[PictureFile]:
    """The pictures below `root`, at any depth, in the order of their names.

    Links are followed. A folder that is reached twice counts once, so a link that leads up again ends there; what is
    hidden (.git) or an archiver's own (__MACOSX) is skipped. What cannot be listed is counted in a warning.

    Raises:
        UserError: `root` is no folder that can be listed, or there is no picture in it.
    """
    if not root.is_dir():
        is_file = "is a file; name the folder it lies in" if root.is_file() else "does not exist; look at its spelling"
        raise UserError(f"data.root={root} {is_file}: data.root=<folder of your pictures>.")
    unlisted: list[str] = []
    files, others = [], Counter[str]()
    for name, entry in _entries(str(root), unlisted):
        suffix = os.path.splitext(entry.name)[1].lower()
        if suffix in SUFFIXES:
            files.append(_picture_file(name, entry))
        else:
            others[suffix] += 1
    if not files:
        raise UserError(_nothing_in(root, others, unlisted))
    if unlisted:
        warnings.warn(f"{len(unlisted):,} folders cannot be listed and are left out: {some(unlisted)}.", stacklevel=2)
    left = {suffix: others[suffix] for suffix in NOT_READ if others[suffix]}
    if left:
        kinds = ", ".join(f"{n} {suffix}" for suffix, n in left.items())
        warnings.warn(f"Pictures of other kinds in {root} are left out: {kinds}; {_KINDS} are read.", stacklevel=2)
    return sorted(files)


def some(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(_in_one_line, names[:SHOWN])) + more


def _in_one_line(name: str) -> str:
    """A name may hold the end of a line, and be no text in this system's encoding; the sentence must be printed."""
    plain = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in plain)


_KINDS = ", ".join(suffix[1:] for suffix in SUFFIXES)


def _entries(root: str, unlisted: list[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file below `root` once, with its path from there; links to folders wait until all real ones are seen."""
    folders, links, seen = [(root, "")], list[tuple[str, str]](), set[tuple[int, int]]()
    while folders or links:
        folder, name = folders.pop() if folders else links.pop(0)
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            unlisted.append(name or root)
            continue
        for entry in entries:
            below = f"{name}/{entry.name}" if name else entry.name
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            if entry.is_symlink() and os.path.isdir(entry.path):
                links.append((entry.path, below))
            elif entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, below))
            elif entry.is_file(follow_symlinks=False) or (entry.is_symlink() and _file_or_lost(entry.path)):
                yield below, entry
        links.sort()


def _file_or_lost(link: str) -> bool:
    """A link that leads nowhere is told of later; a pipe or a device would be waited for, for ever."""
    return os.path.isfile(link) or not os.path.exists(link)


def _picture_file(name: str, entry: os.DirEntry[str]) -> PictureFile:
    try:
        status = entry.stat()
    except OSError:
        return PictureFile(name, -1, 0, False)
    return PictureFile(name, status.st_size, status.st_mtime_ns, os.access(entry.path, os.R_OK))


def _nothing_in(root: Path, others: Counter[str], unlisted: list[str]) -> str:
    there = ", ".join(f"{n} {suffix or 'without an ending'}" for suffix, n in others.most_common(SHOWN))
    why = f" (there are other files: {there})" if there else ""
    why += f" (not all folders can be listed: {some(unlisted)})" if unlisted else ""
    return f"data.root={root} has no pictures in it{why}; name a folder that has some ({_KINDS})."
