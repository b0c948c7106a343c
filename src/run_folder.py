"""The run folder: one folder a result, written here and reopened here.

    .hydra/config.yaml overrides.yaml    the config, every interpolation resolved
    checkpoints/best.ckpt last.ckpt      tensors and plain values
    metrics.csv summary.json figures/ wandb/

A folder may come from a stranger: no checkpoint is unpickled, and a `_target_` is built only where that very string
stands in this checkout's own `conf/`.
"""

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from omegaconf import DictConfig, ListConfig, OmegaConf
from yaml.events import AliasEvent

from src.configuration.files import CONF
from src.errors import UserError

if TYPE_CHECKING:
    from lightning.pytorch import LightningDataModule

    from src.models import ReconstructionModule

_PARTS = (
    "model",
    "network",
    "loss",
    "regularizer",
    "corruption",
    "optimizer",
    "data",
    "trainer",
    "callbacks",
    "logger",
)
"""The groups that stand in every run's config as mappings."""


_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
HERE = "<run folder>"
"""Stands in a saved config for the path of its own folder."""
_WRITERS = ("trainer", "logger", "callbacks")
"""The parts of a config that write files."""


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

    def save_config(self, cfg: DictConfig, overrides: list[str]) -> None:
        """Write the config, resolved, so that it means the same on another machine, and what was typed."""
        plain = OmegaConf.to_container(cfg, resolve=True)
        assert isinstance(plain, dict)
        for momentary in ("folder", "resume", "resume_sweep"):
            plain.pop(momentary, None)
        here = str(cfg.get("folder") or self.path)  # a folder may be moved, so its own path is not written into it
        plain = replaced(
            plain, lambda text: HERE + text[len(here) :] if f"{text}{os.sep}".startswith(f"{here}{os.sep}") else text
        )
        self.config_file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.config_file, OmegaConf.to_yaml(OmegaConf.create(plain)))
        write_atomically(self.overrides_file, OmegaConf.to_yaml(OmegaConf.create(overrides)))

    def overrides(self) -> list[str]:
        """What was typed for this run."""
        loaded = self._yaml(self.overrides_file)
        # as it was typed: an interpolation in it is about the config, not about this list
        typed = OmegaConf.to_container(loaded, resolve=False) if isinstance(loaded, ListConfig) else None
        if not isinstance(typed, list) or not all(isinstance(override, str) for override in typed):
            raise UserError(f"{self.overrides_file} is damaged: it is no list of what was typed")
        overrides = [str(override) for override in typed]
        for override in overrides:  # these go onto a command line, where a flag or a setting of Hydra's could run code
            if override.startswith("-") or override.lstrip("+~").startswith("hydra"):
                raise UserError(f"{self.overrides_file}: '{override}' is about Hydra itself, which no run writes there")
        return overrides

    def config(self) -> DictConfig:
        """The config, held against this checkout's own `conf/`.

        Raises:
            UserError: it is damaged, names something that `conf/` does not build, reads the environment, or would
                write outside the folder.
        """
        cfg = self._yaml(self.config_file)
        plain = OmegaConf.to_container(cfg, resolve=False)
        mapping: dict[Any, Any] = plain if isinstance(plain, dict) else {}
        lacking = [part for part in _PARTS if not isinstance(mapping.get(part), dict)]
        lacking += [key for key in ("scheduler", "seed") if key not in mapping]
        if lacking:
            raise UserError(f"{self.config_file} is damaged: it lacks {', '.join(lacking)}")
        for key, value in walk(plain):
            if isinstance(value, str) and "${" in value:
                raise UserError(f"{self.config_file}: {key}={value} is an interpolation; a saved config has none")
            if key.split(".")[-1] == "_target_" and value not in known_targets():
                raise UserError(
                    f"{self.config_file}: {key}={value} is not built by any file of {CONF.name}/, so it is not built "
                    "from a run folder either. If it is yours, add a file with it to conf/ first."
                )
            if key.split(".")[0] in _WRITERS and isinstance(value, str) and _leads_elsewhere(value):
                raise UserError(f"{self.config_file}: {key}={value} leads out of the run folder")
        return OmegaConf.create(replaced(mapping, lambda text: text.replace(HERE, str(self.path))))

    def _yaml(self, file: Path) -> Any:
        try:
            with file.open(encoding="utf-8") as text:
                if any(isinstance(event, AliasEvent) for event in yaml.parse(text, _PARSER)):
                    # no run writes one, and nine lines of them unfold to gigabytes
                    raise UserError(f"{file} is damaged: it has an alias (*name), which no saved config has")
            return OmegaConf.load(file)
        except UserError:
            raise
        except (OSError, ValueError, UnicodeDecodeError) as error:
            raise UserError(f"{file} cannot be read: {error}") from error
        except Exception as error:  # a YAML parser's errors share no better base
            raise UserError(f"{file} is damaged: {error}") from error

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
    from src.build import build_data, build_model
    from src.checkpoints import read_checkpoint
    from src.validation import validate

    folder = RunFolder(path)
    folder.check()
    cfg = folder.config()
    if isinstance(cfg.data.get("cache"), str):
        cfg.data.cache = False  # a path that stands in a stranger's folder is no place to write to
    validate(cfg, devices=False)  # it may have been trained on a device that is not here
    model = build_model(cfg)
    state = read_checkpoint(folder.path / "checkpoints" / f"{checkpoint}.ckpt", model)
    model.load_state_dict(state["state_dict"])
    return OpenedRun(model.eval(), build_data(cfg), cfg)


def walk(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of nested dicts and lists with its dotted key."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from walk(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, node


def replaced(node: Any, change: Callable[[str], str]) -> Any:
    """A copy of nested dicts and lists with every text changed."""
    if isinstance(node, dict):
        return {key: replaced(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [replaced(value, change) for value in node]
    return change(node) if isinstance(node, str) else node


def _finite(node: Any) -> Any:
    """A copy in which each number that is not finite is None, since JSON has no word for it."""
    if isinstance(node, Mapping):
        return {key: _finite(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_finite(value) for value in node]
    return None if isinstance(node, float) and not math.isfinite(node) else node


def _leads_elsewhere(text: str) -> bool:
    return Path(text).is_absolute() or ".." in Path(text).parts


@cache
def known_targets() -> frozenset[str]:
    """Every `_target_` that stands in this checkout's `conf/`, except for what Hydra itself is to use."""
    names = (file for file in CONF.rglob("*.yaml") if file.relative_to(CONF).parts[0] != "hydra")
    leaves = (leaf for file in names for leaf in walk(OmegaConf.to_container(OmegaConf.load(file))))
    return frozenset(str(v) for key, v in leaves if key.split(".")[-1] == "_target_" and not key.startswith("hydra."))


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")  # its own: two evaluations of a run may end at once
    try:
        temporary.write_text(text)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
