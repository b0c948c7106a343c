"""A W&B run, wherever it goes: online, to be synced later, or nowhere."""

import os
import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from src.errors import UserError

if TYPE_CHECKING:
    from wandb import Run, Settings

Mode = Literal["auto", "online", "offline", "disabled"]
CONNECT_SECONDS = 30
STEPS_AN_EPOCH = 100
RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_runs = count()
"""Counts the runs that this process has started."""


def open_wandb_run(without: str, mode: Mode, folder: Path, run_id: str | None, **about: Any) -> "Run":
    """A W&B run in `folder`, the one of this id where there is one; `without` says what to type to do without W&B."""
    import wandb

    try:
        chosen = settled(mode)
        return wandb.init(
            mode=chosen,
            dir=folder,
            id=run_id,
            resume="allow" if run_id else None,
            reinit="create_new",  # or a run that somebody left open would swallow this one
            settings=_settings(offline=chosen == "offline"),
            **about,
        )
    except wandb.Error as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"W&B could not start the run: {reason} {without}") from error


def run_id_of(folder: Path) -> str | None:
    """The id by which W&B knows the run of a run folder; None where it has no such run."""
    try:
        found = (folder / "wandb" / "run_id.txt").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return found if RUN_ID.fullmatch(found) else None


def count_on(run: "Run", folder: Path) -> None:
    """Start an offline run that goes on above the steps of its first part, which it cannot see: W&B drops lower ones.

    An epoch logs a handful of times, so a hundred steps an epoch are above all of them.
    """
    metrics = folder / "metrics.csv"
    epochs = len(metrics.read_text().splitlines()) if metrics.is_file() else 1
    run.log({"epoch": epochs - 1}, step=STEPS_AN_EPOCH * epochs, commit=True)


def _settings(offline: bool) -> "Settings":
    """Offline there is nothing to report; online the run's address, warnings and errors are worth their lines.

    The installed packages are listed (requirements.txt) with the first run of a process alone: they do not change, and
    reading them takes longer than all else that starts a run.
    """
    import wandb

    first = next(_runs) == 0
    return wandb.Settings(
        quiet=True, silent=offline, console="off", init_timeout=CONNECT_SECONDS, x_save_requirements=first
    )


def settled(mode: Mode) -> Literal["online", "offline", "disabled"]:
    """`auto` settled without asking the user anything."""
    if mode != "auto":
        return mode
    match os.environ.get("WANDB_MODE"):
        case "online" | "offline" | "disabled" as asked:
            return asked
    import wandb

    return "online" if wandb.login(prompt=False, verify=False) else "offline"


def is_online() -> bool:
    """Whether W&B is to be reached where a command asks for nothing else: `WANDB_MODE` says so, or a key is found."""
    return settled("auto") == "online"
