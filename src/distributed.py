"""Several processes: who writes, and what Lightning runs to start the others."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NO_NEW_FOLDER = "hydra.output_subdir=null"
"""Marks a command line as one that goes on in a folder that is there: another rank's, or a resumed run's."""
_LAUNCH_VARIABLES = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK", "LOCAL_RANK", "WORLD_SIZE", "PL_GLOBAL_SEED")


def is_first_process() -> bool:
    """Whether this process writes the run folder and talks to the user.

    Lightning counts ranks over all machines only once its Trainer is there; `NODE_RANK` tells before.
    """
    from lightning.pytorch.utilities import rank_zero_only

    return getattr(rank_zero_only, "rank", 0) == 0 and os.environ.get("NODE_RANK", "0") == "0"


@contextmanager
def as_one_command(overrides: list[str], folder: Path, resume: bool = False) -> Iterator[None]:
    """Make `sys.argv` the command of this one job.

    Lightning starts the other ranks of a DDP job by running `sys.argv` again. In a sweep that would be the whole sweep,
    and with some sweepers rank 1 would train other parameters than rank 0, silently. Afterwards everything that the
    launch left behind is undone, so that the next job of this process starts its own ranks.
    """
    import torch.distributed

    main = sys.modules["__main__"]
    argv, spec = sys.argv, getattr(main, "__spec__", None)
    variables = {name: os.environ.get(name) for name in _LAUNCH_VARIABLES}
    run_dir = str(folder.resolve()).replace("\\", "\\\\").replace("'", "\\'")
    own = [f"hydra.run.dir='{run_dir}'", "hydra.mode=RUN", NO_NEW_FOLDER]
    sys.argv = [argv[0], *overrides, *([f"resume='{run_dir}'"] if resume else []), *own]
    main.__spec__ = importlib.util.find_spec("src.train")
    try:
        with _run_dir(str(folder.resolve())):
            yield
    finally:
        if variables["LOCAL_RANK"] is None and torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
        sys.argv = argv
        main.__spec__ = spec
        for name, value in variables.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _run_dir(folder: str) -> Iterator[None]:
    """Lightning hands the other ranks Hydra's `run.dir`, which in a sweep is not the job's folder."""
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import read_write

    if not HydraConfig.initialized():
        yield
        return
    hydra: Any = HydraConfig.get()
    before = hydra.run.dir
    with read_write(hydra):
        hydra.run.dir = folder
    try:
        yield
    finally:
        with read_write(hydra):
            hydra.run.dir = before
