"""What to do to see a run."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger

from src.distributed import is_first_process

if TYPE_CHECKING:
    from wandb import Run


def how_to_see(loggers: Iterable[Logger]) -> str:
    """What to do to see the run: one line a logger, or how to switch W&B on. Works after `finish`, too."""
    return "\n".join(filter(None, map(_how_to_see, loggers))) or "W&B is off: logger=wandb switches it on"


def _how_to_see(logger: Logger) -> str:
    if isinstance(logger, TensorBoardLogger):
        return f"TensorBoard: {_command('tensorboard')} --logdir {shlex.quote(os.path.relpath(logger.log_dir))}"
    if not isinstance(logger, WandbLogger) or not is_first_process():
        return ""
    return where(logger.experiment)


def where(run: "Run") -> str:
    """Where a W&B run is to be seen, or how it gets there."""
    if run.disabled:
        return "W&B is disabled: logger.wandb.mode=offline keeps the run in its folder"
    if not run.offline:
        return f"W&B: {run.url}"
    # a run that was resumed has a folder for each start
    starts = sorted(Path(run.dir).parent.parent.glob(f"offline-run-*-{run.id}*"))
    folders = shlex.join(os.path.relpath(start) for start in starts)
    return f"W&B: {_command('wandb')} sync {folders}  (it asks for a key once)"


def _command(name: str) -> str:
    """How to call a program of this environment: by its name alone where that would find it."""
    own = Path(sys.prefix) / "bin" / name
    if not own.exists() or shutil.which(name) == str(own):
        return name
    return shlex.quote(os.path.relpath(own))
