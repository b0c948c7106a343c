"""Going on with a run folder: `python -m src.train resume=<folder>`.

Hydra opens a new folder for every command, so the command line is rewritten before Hydra sees it: the overrides of the
folder, those typed now on top, and the folder itself as Hydra's. The config that then runs is the folder's own, changed
only where the overrides typed now change what `conf/` composes; a `conf/` that has moved on changes nothing.
"""

from typing import Any

from omegaconf import DictConfig, OmegaConf, open_dict

from src.distributed import NO_NEW_FOLDER
from src.errors import UserError
from src.run_folder import RunFolder

FIXED = ("model", "network", "data", "loss", "regularizer", "corruption", "seed")
"""Parts of a config that make a run what it is: another one is another run."""


def redirected(argv: list[str]) -> list[str]:
    """The command line that goes on with the folder of `resume=<folder>`; any other as it is.

    Raises:
        UserError: the folder is none, or a sweep was asked for.
    """
    asked = [argument for argument in argv if argument.startswith("resume=")]
    if not asked or asked[-1] in ("resume=", "resume=null") or NO_NEW_FOLDER in argv:
        return argv
    if any(argument in ("-m", "--multirun") for argument in argv):
        raise UserError("resume=<folder> goes on with one run; leave out -m")
    folder = RunFolder(asked[-1].removeprefix("resume=").strip("'\""))
    folder.check()
    quoted = "'" + str(folder.path.resolve()).replace("\\", "\\\\").replace("'", "\\'") + "'"
    if not folder.last.is_file():
        raise UserError(
            f"there is no checkpoint {folder.last}: that run ended before it trained. Start it again without resume="
        )
    rest = [argument for argument in argv if not argument.startswith(("resume=", "hydra.run.dir="))]
    own = [f"resume={quoted}", f"hydra.run.dir={quoted}", NO_NEW_FOLDER]
    return [*folder.overrides(), *own, *rest]  # flags may be last only


def without_resume(overrides: list[str]) -> list[str]:
    """The overrides that describe the run itself."""
    return [override for override in overrides if not override.startswith("resume=")]


def _another(part: str, before: Any, after: Any) -> bool:
    """Whether the change makes it another run; an optimizer or scheduler may be set otherwise, not be another."""
    if part in ("optimizer", "scheduler"):
        kinds = [node.get("_target_") if isinstance(node, dict) else None for node in (before, after)]
        return kinds[0] != kinds[1]
    return part in FIXED


def resumed_config(folder: RunFolder, composed: DictConfig, overrides: list[str]) -> DictConfig:
    """The folder's config with what the new overrides change.

    Args:
        composed: what all overrides, old and new, compose.
        overrides: old and new ones, in this order.

    Raises:
        UserError: they change what the run is.
    """
    from hydra import compose

    saved = folder.config()
    before = _plain(compose("train", folder.overrides()))
    after = _plain(composed)
    changed = [key for key in after | before if after.get(key) != before.get(key)]
    changed.sort(key=lambda key: FIXED.index(key) if key in FIXED else len(FIXED))  # a model brings its loss along
    for key in changed:
        if _another(key, before.get(key), after.get(key)):
            typed = " ".join(overrides[len(folder.overrides()) :])
            raise UserError(
                f"{folder.path} cannot go on with another {key} ({typed}): that would be another run. "
                "Start a new one without resume=, or leave that override out."
            )
    with open_dict(saved):
        for key in changed:
            if isinstance(after.get(key), dict) and isinstance(saved.get(key), DictConfig):
                _apply(saved[key], before.get(key) or {}, after[key])
            elif key in after:
                saved[key] = after[key]
        saved.resume = composed.resume
        saved.folder = str(folder.path)
    return saved


def already_finished(folder: RunFolder, cfg: DictConfig) -> str | None:
    """What to tell the user where nothing is left to train; None where there is."""
    summary = folder.summary()
    status, epochs = summary.get("status"), summary.get("train/epochs", 0)
    done = f"{folder.path} is already {status} after {epochs} epochs. To train on, add "
    patience = cfg.callbacks.get("early_stopping")
    if status == "stopped early" and patience is not None and patience == folder.config().callbacks.early_stopping:
        return done + "callbacks.early_stopping=null, or a larger callbacks.early_stopping.patience."
    if status in ("finished", "stopped early") and epochs >= cfg.trainer.max_epochs:
        return done + f"trainer.max_epochs={2 * epochs}."
    return None


def _plain(cfg: DictConfig) -> dict[str, Any]:
    cfg = cfg.copy()
    with open_dict(cfg):
        cfg.folder, cfg.resume = "", None
        cfg.pop("hydra", None)
    plain = OmegaConf.to_container(cfg, resolve=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def _apply(target: DictConfig, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Carry over to `target` what `after` changes in `before`; another `_target_` replaces the whole node."""
    for key in [*before, *(k for k in after if k not in before)]:
        old, new = before.get(key), after.get(key)
        if old == new and (key in before) == (key in after):
            continue
        if key not in after:
            target.pop(key, None)
        elif (
            isinstance(old, dict)
            and isinstance(new, dict)
            and isinstance(target.get(key), DictConfig)
            and old.get("_target_") == new.get("_target_")
        ):
            _apply(target[key], old, new)
        else:
            target[key] = new
