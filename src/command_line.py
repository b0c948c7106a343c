"""From the command line to a task: Hydra composes and runs, and whatever goes wrong ends in one readable message.

Nothing heavy is imported here: `--help` and `--cfg job` must answer before torch could even be loaded.
"""

import functools
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.core.utils import filter_overrides
from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from yaml import MarkedYAMLError

from src.configuration.files import CONF, described
from src.configuration.override_messages import (
    ambiguous,
    no_name,
    no_such_group,
    no_such_key,
    no_such_option,
    unreadable,
)
from src.errors import UserError

Task = Callable[[DictConfig], Any]
_FULL_ERROR = "HYDRA_FULL_ERROR"


def run(
    task: Task, config_name: str, config_dir: Path = CONF, failed_elsewhere: Callable[[], bool] = lambda: False
) -> None:
    """Compose `<config_dir>/<config_name>.yaml` with the command line and run `task` on it, or on each job of a sweep.

    What fails is told on stderr without a traceback, with exit code 1; HYDRA_FULL_ERROR=1 shows the traceback. In a
    sweep the other jobs go on, and the end names those that failed. Ctrl-C ends quietly, with exit code 130.

    Args:
        failed_elsewhere: whether jobs of a sweep have failed, in whatever process, and the end of it will name them.
    """
    OmegaConf.register_new_resolver("described", described, replace=True)  # --help lists the models with it
    # argparse takes flags before or after all overrides; people type -m in between
    sys.argv[1:] = sorted(sys.argv[1:], key=lambda argument: argument not in ("-m", "--multirun"))
    _stand_in_for_plugins(config_dir)
    entry = hydra.main(config_path=str(config_dir), config_name=config_name, version_base="1.3")
    if _wants_traceback():
        entry(task)()
        return
    job = _Job(task, config_dir)
    with told(config_dir):
        try:
            with _environment(_FULL_ERROR, "1"):  # makes Hydra raise what it would print
                entry(job)()
        except Exception:
            if not job.failed and not failed_elsewhere():
                raise
    if job.failed:
        if not failed_elsewhere():
            _tell(job.failed)
        sys.exit(1)


def _stand_in_for_plugins(config_dir: Path) -> None:
    """`conf/hydra/launcher/joblib.yaml` takes the place of what the plugin stores by that name.

    Hydra would hold the one against the other, and warn each time that it does.
    """
    Plugins.instance()  # they store their configs when they are found
    for file in (config_dir / "hydra").rglob("*.yaml"):
        group: Any = ConfigStore.instance().repo
        for name in file.relative_to(config_dir).parts[:-1]:
            group = group.get(name, {})
        group.pop(file.name, None)


@contextmanager
def told(config_dir: Path = CONF) -> Iterator[None]:
    """Whatever goes wrong within is told on stderr, without a traceback, and ends the program with exit code 1."""
    if _wants_traceback():
        yield
        return
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        _tell([_explained(error, config_dir)])
        sys.exit(1)


def _wants_traceback() -> bool:
    return os.environ.get(_FULL_ERROR) == "1"


@dataclass(eq=False)
class _Job:
    """The task as Hydra calls it. A class of this module, not a closure, so that launchers can send it elsewhere."""

    task: Task
    config_dir: Path
    full_error: str | None = field(default_factory=lambda: os.environ.get(_FULL_ERROR))
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        functools.update_wrapper(self, self.task)  # Hydra names the job after the task's module

    def __call__(self, cfg: DictConfig) -> Any:
        """Run the task in the environment that the user gave; a failure is noted, and told at once in a sweep.

        Raised, it would keep some sweepers and launchers from running the other jobs. A search sees that there is no
        figure.
        """
        sweep = HydraConfig.get().mode == RunMode.MULTIRUN
        try:
            with _environment(_FULL_ERROR, self.full_error):
                return self.task(cfg)
        except Exception as error:
            message = _explained(error, self.config_dir)
            if not sweep:
                self.failed.append(message)  # and not raised: Hydra would print a line of its own before ours
                return None
            name = f"job {HydraConfig.get().job.num} ({' '.join(_overrides())}) failed"
            self.failed.append(name)
            _tell([f"{name}: {message}"])
            return None


def _overrides() -> list[str]:
    return [typed for typed in filter_overrides(HydraConfig.get().overrides.task) if not typed.startswith("resume")]


def _tell(messages: list[str]) -> None:
    sys.stdout.flush()
    text = "".join(map(_printable, "\n".join(messages)))
    print(text, file=sys.stderr, flush=True)


def _printable(letter: str) -> str:
    """What was typed may hold what moves a terminal's cursor or changes its colours."""
    return letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode()


@contextmanager
def _environment(name: str, value: str | None) -> Iterator[None]:
    """The variable set to `value`, or unset for None, and as it was afterwards."""
    before = os.environ.get(name)
    _put(name, value)
    try:
        yield
    finally:
        _put(name, before)


def _put(name: str, value: Any) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _explained(error: BaseException, config_dir: Path) -> str:
    """What to tell the user about an error, wherever it was raised and whatever Hydra wrapped around it."""
    for cause in _chain(error):
        if isinstance(cause, UserError):
            return str(cause)
    if isinstance(error, OverrideParseException):
        return unreadable(error.override)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return no_such_option(error.missing_cfg_file, error.options or [])
    if isinstance(error, ConfigCompositionException):
        return _composition_error(error, config_dir)
    if isinstance(error, OmegaConfBaseException):
        return f"{error.full_key}: {str(error.msg).splitlines()[0]}" if error.full_key else str(error)
    if isinstance(error, MarkedYAMLError):
        return f"this file is not YAML: {error}"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"cannot use {error.filename}: {error.strerror}. Name another place, e.g. with hydra.run.dir=..."
    if str(error).startswith("Config group override must be a string"):
        return no_name(sys.argv[1:], config_dir)
    if plugin := _match(r"Unknown plugin class : 'hydra_plugins\.(\w+)\.", str(error)):
        package = plugin.replace("_", "-")
        return f"{package} is not installed: pip install {package} (conf/hydra/launcher/ says what else it needs)"
    kind = "" if isinstance(error, HydraException) else f"{type(error).__name__}: "
    return f"{kind}{error}\n({_FULL_ERROR}=1 shows where this happened)"


def _composition_error(error: ConfigCompositionException, config_dir: Path) -> str:
    """Hydra says in prose which key or group it did not find; the errors it chains know more."""
    text, cause = str(error), error.__cause__
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and cause.full_key:
        override = _match(r"use \+(.*)$", text) or f"{cause.full_key}=..."
        return no_such_key(str(cause.full_key), cause.parent_node, override, config_dir)
    if comma := _match(r"Ambiguous value for argument '(.*)'", text):
        return ambiguous(comma)
    if group := _match(r"Could not override '([^']+)'. No match", text):
        return no_such_group(group, _match(r"In '([^']+)'", text), config_dir)
    if isinstance(cause, OmegaConfBaseException) and cause.full_key:
        return f"{cause.full_key}: {str(cause.msg).splitlines()[0]}"
    return f"{text.strip()}\n{cause}" if isinstance(cause, OmegaConfBaseException) else text.strip()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes, outermost first."""
    while error is not None:
        yield error
        error = error.__cause__


def _match(pattern: str, text: str) -> str:
    """The first group of the pattern in the text, or an empty string."""
    found = re.search(pattern, text)
    return found.group(1) if found else ""
