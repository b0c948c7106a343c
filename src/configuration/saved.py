"""The config of a run folder as it stands in its files: written resolved, and read without trust.

A folder may come from a stranger: a `_target_` is built only where that very string stands in this checkout's own
`conf/`, nothing is read from the environment, and nothing is written outside the folder.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, ListConfig, OmegaConf
from yaml.events import AliasEvent

from src.configuration.files import CONF
from src.configuration.leaves import replaced, walk
from src.errors import UserError

_MAPPINGS = (
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
_HERE = "<run folder>"
"""Stands in a saved config for the path of its own folder."""
_WRITERS = ("trainer", "logger", "callbacks")
"""The parts of a config that write files."""


def as_saved(cfg: DictConfig, folder: str) -> str:
    """The text of the config of a run in `folder`: resolved, and true of the folder wherever it is moved to."""
    plain = OmegaConf.to_container(cfg, resolve=True)
    assert isinstance(plain, dict)
    for momentary in ("folder", "resume", "resume_sweep"):
        plain.pop(momentary, None)
    within = f"{folder}{os.sep}"
    plain = replaced(plain, lambda text: _HERE + text[len(folder) :] if f"{text}{os.sep}".startswith(within) else text)
    return OmegaConf.to_yaml(OmegaConf.create(plain))


def read_overrides(file: Path) -> list[str]:
    """What was typed for a run.

    Raises:
        UserError: the file is damaged, or an override in it is about Hydra itself.
    """
    loaded = _yaml(file)
    # as it was typed: an interpolation in it is about the config, not about this list
    typed = OmegaConf.to_container(loaded, resolve=False) if isinstance(loaded, ListConfig) else None
    if not isinstance(typed, list) or not all(isinstance(override, str) for override in typed):
        raise UserError(f"{file} is damaged: it is no list of what was typed")
    overrides = [str(override) for override in typed]
    for override in overrides:  # these go onto a command line, where a flag or a setting of Hydra's could run code
        if override.startswith("-") or override.lstrip("+~").startswith("hydra"):
            raise UserError(f"{file}: '{override}' is about Hydra itself, which no run writes there")
    return overrides


def read_config(file: Path, folder: str) -> DictConfig:
    """The config of the run in `folder`, held against this checkout's own `conf/`.

    Raises:
        UserError: it is damaged, names something that `conf/` does not build, reads the environment, or would write
            outside the folder.
    """
    plain = OmegaConf.to_container(_yaml(file), resolve=False)
    mapping: dict[Any, Any] = plain if isinstance(plain, dict) else {}
    lacking = [part for part in _MAPPINGS if not isinstance(mapping.get(part), dict)]
    lacking += [key for key in ("scheduler", "seed") if key not in mapping]
    if lacking:
        raise UserError(f"{file} is damaged: it lacks {', '.join(lacking)}")
    for key, value in walk(plain):
        if isinstance(value, str) and "${" in value:
            raise UserError(f"{file}: {key}={value} is an interpolation; a saved config has none")
        if key.split(".")[-1] == "_target_" and value not in known_targets():
            raise UserError(
                f"{file}: {key}={value} is not built by any file of {CONF.name}/, so it is not built from a run folder "
                "either. If it is yours, add a file with it to conf/ first."
            )
        if key.split(".")[0] in _WRITERS and isinstance(value, str) and _leads_elsewhere(value):
            raise UserError(f"{file}: {key}={value} leads out of the run folder")
    return OmegaConf.create(replaced(mapping, lambda text: text.replace(_HERE, folder)))


@cache
def known_targets() -> frozenset[str]:
    """Every `_target_` that stands in this checkout's `conf/`, except for what Hydra itself is to use."""
    names = (file for file in CONF.rglob("*.yaml") if file.relative_to(CONF).parts[0] != "hydra")
    leaves = (leaf for file in names for leaf in walk(OmegaConf.to_container(OmegaConf.load(file))))
    return frozenset(str(v) for key, v in leaves if key.split(".")[-1] == "_target_" and not key.startswith("hydra."))


def _yaml(file: Path) -> Any:
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


def _leads_elsewhere(text: str) -> bool:
    return Path(text).is_absolute() or ".." in Path(text).parts
