"""Which run folders `runs=` means: folders, folders of them, and patterns."""

from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path

from src.errors import UserError

_QUOTES = "put quotes around a pattern, as in 'runs=outputs/2026-*/*', and around a list, as in 'runs=[a,b]'"


def folders(asked: str | Sequence[str]) -> list[Path]:
    """The run folders that are meant by folders, folders of run folders (a sweep's, a day's) and patterns of either.

    Raises:
        UserError: a folder is not there, a pattern matches nothing, or there is no run folder in what was named.
    """
    found = [folder for one in ([asked] if isinstance(asked, str) else asked) for folder in _meant(one)]
    return list({folder.resolve(): folder for folder in found}.values())


def _meant(one: str) -> list[Path]:
    if has_magic(one) and not Path(one).exists():
        matches = [Path(match) for match in sorted(glob(one), key=_in_order)]
        runs = [run for match in matches if match.is_dir() for run in _runs_of(match)]
        if not runs:
            what = "matches no folder" if not matches else "matches nothing that is, or holds, a run folder"
            raise UserError(f"runs={one} {what}; {_QUOTES}")
        return runs
    if not Path(one).is_dir():
        raise UserError(f"runs={one}: there is no such folder; give a run folder or a sweep's; {_QUOTES}")
    if not (runs := _runs_of(Path(one))):
        raise UserError(
            f"runs={one} is no run folder and holds none; give a run folder, or the folder of a sweep, "
            "e.g. runs=outputs/multirun/<date_time>"
        )
    return runs


def _runs_of(folder: Path) -> list[Path]:
    """The folder itself, or those of its own folders that are run folders, 2 before 10."""
    if _is_run(folder):
        return [folder]
    return sorted((child for child in folder.iterdir() if child.is_dir() and _is_run(child)), key=_in_order)


def _is_run(folder: Path) -> bool:
    return (folder / ".hydra").is_dir() or (folder / "summary.json").is_file()


def _in_order(path: Path | str) -> tuple[str, int, str]:
    name = Path(path).name
    return str(Path(path).parent), int(name) if name.isdecimal() else -1, name
