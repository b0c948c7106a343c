"""The run folder: one folder a result, written here and reopened here.

    .hydra/config.yaml overrides.yaml    the config, every interpolation resolved
    checkpoints/best.ckpt last.ckpt      tensors and plain values
    metrics.csv summary.json figures/ wandb/

A folder may come from a stranger: no checkpoint is unpickled, and of the config only what this checkout's own `conf/`
builds is built (`configuration/saved.py`).
"""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from omegaconf import DictConfig, OmegaConf

from src.configuration.saved import as_saved, read_config, read_overrides
from src.errors import UserError

if TYPE_CHECKING:
    from lightning.pytorch import LightningDataModule

    from src.models import ReconstructionModule


FINISHED = ("finished", "stopped early")
"""What summary.json says of a run with nothing left to train."""


class RunFolder:
    """The paths of one run folder, and its small files."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def config_file(self) -> Path:
        return self.path / ".hydra" / "config.yaml"

    @property
    def overrides_file(self) -> Path:
        return self.path / ".hydra" / "overrides.yaml"

    @property
    def last(self) -> Path:
        return self.path / "checkpoints" / "last.ckpt"

    @property
    def best(self) -> Path:
        return self.path / "checkpoints" / "best.ckpt"

    def check(self) -> None:
        """Raise `UserError` where this is no run folder."""
        if not self.path.is_dir():
            raise UserError(
                f"there is no folder {self.path}; give a run folder, e.g. outputs/2026-01-31/12-00-00-000000"
            )
        if not self.config_file.is_file() or not self.overrides_file.is_file():
            raise UserError(f"{self.path} is no run folder: it lacks .hydra/config.yaml or .hydra/overrides.yaml")

    def check_new(self) -> None:
        """Raise `UserError` where there is a run already."""
        if self.last.exists():
            raise UserError(
                f"{self.path} already holds a run. Go on with it by resume={self.path}, or name another hydra.run.dir"
            )

    def save_config(self, cfg: DictConfig, overrides: list[str]) -> None:
        """Write the config, resolved, so that it means the same on another machine, and what was typed."""
        self.config_file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.config_file, as_saved(cfg, str(cfg.get("folder") or self.path)))
        write_atomically(self.overrides_file, OmegaConf.to_yaml(OmegaConf.create(overrides)))

    def overrides(self) -> list[str]:
        """What was typed for this run."""
        return read_overrides(self.overrides_file)

    def config(self) -> DictConfig:
        """The config, held against this checkout's own `conf/`; see `read_config` for what is refused."""
        return read_config(self.config_file, str(self.path))

    def summary(self) -> dict[str, Any]:
        """The summary, empty where there is none yet."""
        return self._json("summary.json")

    def write_summary(self, values: Mapping[str, Any]) -> None:
        """Write a flat summary."""
        self._write_json("summary.json", values)

    def scorecard(self) -> dict[str, Any]:
        """What `python -m src.evaluate` measured, empty where it has not been run."""
        return self._json("scorecard.json")

    def write_scorecard(self, values: Mapping[str, Any]) -> None:
        """Write the score card."""
        self._write_json("scorecard.json", values)

    def _json(self, name: str) -> dict[str, Any]:
        file = self.path / name
        if not file.exists():
            return {}
        try:
            if not file.is_file():
                raise ValueError("it is no file")
            values = json.loads(file.read_text())
            if not isinstance(values, dict):
                raise ValueError("it is no mapping")
            return values
        except (OSError, ValueError, RecursionError) as error:
            raise UserError(f"{file} is damaged: {error}. Delete it to go on without it.") from error

    def _write_json(self, name: str, values: Mapping[str, Any]) -> None:
        write_atomically(self.path / name, json.dumps(_finite(values), indent=2) + "\n")


class OpenedRun(NamedTuple):
    """A run folder as objects."""

    model: "ReconstructionModule"
    data: "LightningDataModule"
    config: DictConfig


def open_run(path: Path | str, checkpoint: str = "best") -> OpenedRun:
    """Reopen a run folder: the model with the weights of `checkpoint` ("best" or "last"), in eval mode, and its data.

    Raises:
        UserError: the folder, its config or its checkpoint cannot be used; the message says which and why.
    """
    from src.build import Run, build_data, build_model
    from src.checkpoints import read_checkpoint
    from src.validation import validate

    folder = RunFolder(path)
    folder.check()
    cfg = folder.config()
    if isinstance(cfg.data.get("cache"), str):
        cfg.data.cache = False  # a path that stands in a stranger's folder is no place to write to
    validate(cfg, devices=False, takes=Run)  # it may have been trained on a device that is not here
    model = build_model(cfg)
    state = read_checkpoint(folder.path / "checkpoints" / f"{checkpoint}.ckpt", model)
    model.load_state_dict(state["state_dict"])
    return OpenedRun(model.eval(), build_data(cfg), cfg)


def _finite(node: Any) -> Any:
    """A copy in which each number that is not finite is None, since JSON has no word for it."""
    if isinstance(node, Mapping):
        return {key: _finite(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_finite(value) for value in node]
    return None if isinstance(node, float) and not math.isfinite(node) else node


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")  # its own: two evaluations of a run may end at once
    try:
        temporary.write_text(text)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
