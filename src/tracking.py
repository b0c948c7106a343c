"""The one file that starts, feeds and ends Weights & Biases (and hands TensorBoard the pictures).

W&B is imported when a run starts: it takes a while. Nothing here reads or changes `WANDB_MODE` for later runs of the
same process, and every run is one of its own, whatever else is open.
"""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger

from src.distributed import is_first_process
from src.errors import UserError

if TYPE_CHECKING:
    from wandb import Run, Settings

Mode = Literal["auto", "online", "offline", "disabled"]
BY_EPOCH = ("train/*", "val/*", "weight/*", "learning_rate", "figures/*")
"""What W&B plots against `epoch`: its own step counts calls, and with two optimizers Lightning's counts twice."""
CONNECT_SECONDS = 30
STEPS_AN_EPOCH = 100
RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_runs = count()
"""Counts the runs that this process has started."""


def start(
    nodes: Mapping[str, Logger | Callable[..., Logger] | None], config: dict[str, Any], **run: Any
) -> list[Logger]:
    """The loggers of a run, ready for a Trainer, each told the whole config.

    Args:
        nodes: what the config group `logger` builds: loggers, `wandb_logger` with its own dials filled in, or None for
            one that is switched off.
        config: the resolved config, plain values only.
        run: what `wandb_logger` wants to know about the run: folder, name, group, job_type, resume.
    """
    loggers: list[Logger] = []
    try:
        for node in nodes.values():
            if isinstance(node, Logger):
                node.log_hyperparams(config)
                loggers.append(node)
            elif node is not None:
                loggers.append(node(config=config, **run))
    except BaseException:
        finish(loggers, exit_code=1)
        raise
    return loggers


def wandb_logger(
    project: str = "hourglass",
    entity: str | None = None,
    mode: Mode = "auto",
    tags: list[str] | None = None,
    *,
    folder: str | Path,
    name: str,
    config: dict[str, Any],
    group: str | None = None,
    job_type: str = "train",
    labels: Sequence[str] = (),
    resume: bool = False,
) -> WandbLogger:
    """A W&B run in `<folder>/wandb`, as a Lightning logger. Under DDP rank 0 alone has the run.

    Args:
        project, entity: where the run belongs; entity None is the default team.
        mode: "auto" is online if a key is found (environment, netrc, W&B's settings), else offline; `WANDB_MODE` in
            the environment decides "auto".
        tags: labels of the run.
        folder: the run folder.
        name, group, job_type: how W&B lists the run; the jobs of a sweep share a group.
        labels: further tags, which the run gives itself.
        config: the resolved config, plain values only.
        resume: go on with the W&B run of this folder, if it has one.

    Raises:
        UserError: W&B cannot be reached, or refuses the key.
    """
    folder = Path(folder)
    if not is_first_process():
        return WandbLogger(project=project, name=name, save_dir=folder)  # starts nothing, and off rank 0 never will
    id_file = folder / "wandb" / "run_id.txt"
    id_file.parent.mkdir(parents=True, exist_ok=True)  # W&B would fall back on a temporary folder
    run_id = id_file.read_text().strip() if resume and id_file.is_file() else None
    run = _init(
        "To train without it, use logger.wandb.mode=offline.",
        mode,
        folder,
        run_id,
        project=project,
        entity=entity,
        tags=[*labels, *(tags or [])],
        name=name,
        group=group,
        job_type=job_type,
        config=config,
    )
    id_file.write_text(run.id + "\n")
    run.define_metric("epoch", hidden=True)
    for pattern in BY_EPOCH:
        run.define_metric(pattern, step_metric="epoch")
    if run_id and run.offline:
        _count_on(run, folder)
    # given a run, WandbLogger starts none; told `offline`, it would set WANDB_MODE for the rest of the process
    return WandbLogger(experiment=run, project=project, name=name, save_dir=folder)


def _init(without: str, mode: Mode, folder: Path, run_id: str | None, **about: Any) -> "Run":
    """A W&B run in `folder`, the one of this id where there is one; `without` says what to type to do without W&B."""
    import wandb

    try:
        settled = _settled(mode)
        return wandb.init(
            mode=settled,
            dir=folder,
            id=run_id,
            resume="allow" if run_id else None,
            reinit="create_new",  # or a run that somebody left open would swallow this one
            settings=_settings(offline=settled == "offline"),
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


def _count_on(run: "Run", folder: Path) -> None:
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


def _settled(mode: Mode) -> Literal["online", "offline", "disabled"]:
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
    return _settled("auto") == "online"


def log_summary(loggers: Iterable[Logger], figures: Mapping[str, float]) -> None:
    """Puts figures of a whole run, as they stand in summary.json, into W&B's summary of it.

    Args:
        loggers: those of the Trainer; all but W&B's are passed over.
        figures: numbers by their keys, e.g. "train/seconds".
    """
    for logger in loggers:
        if isinstance(logger, WandbLogger) and is_first_process():
            logger.experiment.summary.update(dict(figures))


def log_picture(loggers: Iterable[Logger], name: str, picture: Path, epoch: int) -> None:
    """Sends a PNG to every logger that can show it, as `figures/<name>`.

    Args:
        loggers: those of the Trainer; one that cannot show pictures is passed over.
        name: the picture's name, without folder or ending.
        picture: the PNG file.
        epoch: the epoch it was taken in, counted from 0 as Lightning does.
    """
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            import wandb

            logger.experiment.log({f"figures/{name}": wandb.Image(str(picture)), "epoch": epoch})
        elif isinstance(logger, TensorBoardLogger):
            from matplotlib.image import imread

            logger.experiment.add_image(f"figures/{name}", imread(picture), epoch, dataformats="HWC")


def log_codes(
    loggers: Iterable[Logger], z: np.ndarray, labels: Sequence[str], index: Sequence[int], epoch: int
) -> None:
    """Sends codes to W&B as the table `codes`, which its 2D projection opens.

    Args:
        loggers: those of the Trainer; all but W&B's are passed over.
        z: (N, D), a numeric column each: z0, z1, ...
        labels: (N,) class names.
        index: (N,) the images' places in their set.
        epoch: the epoch they were taken in, counted from 0.
    """
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            import wandb

            columns: list[str | int] = ["label", "index", *(f"z{i}" for i in range(z.shape[1]))]
            rows = [[label, i, *code] for label, i, code in zip(labels, index, z.tolist(), strict=True)]
            logger.experiment.log({"codes": wandb.Table(columns=columns, data=rows), "epoch": epoch})


def log_scorecard(
    folder: Path,
    figures: Mapping[str, float],
    pictures: Mapping[str, Path],
    project: str = "hourglass",
    entity: str | None = None,
    mode: Mode = "auto",
) -> str:
    """Adds a score card to the W&B run of a run folder (to a new one where it has none), and says how to see it.

    The figures go into the run's summary, the pictures beside its own as `figures/<name>`; its name, its tags and its
    config stay as they are.

    Args:
        folder: the run folder.
        figures: by name, e.g. "scorecard/reconstruction/se".
        pictures: PNG files by name.
        project, entity, mode: as in `wandb_logger`.

    Raises:
        UserError: W&B cannot be reached, or refuses the key.
    """
    import wandb

    id_file = folder / "wandb" / "run_id.txt"
    id_file.parent.mkdir(parents=True, exist_ok=True)
    run_id = id_file.read_text().strip() if id_file.is_file() else None
    without = "To keep the score card in the run folder alone, use wandb=false."
    run = _init(without, mode, folder, run_id, project=project, entity=entity)
    try:
        id_file.write_text(run.id + "\n")
        if run_id and run.offline:
            _count_on(run, folder)
        run.log({f"figures/{name}": wandb.Image(str(path)) for name, path in pictures.items()})
        run.summary.update(dict(figures))
    finally:
        run.finish()
    return _where(run)


def finish(loggers: Iterable[Logger], exit_code: int = 0) -> None:
    """Ends every W&B run: belongs in a `finally`, or the next run of the process meets this one still open.

    Args:
        loggers: those of the Trainer.
        exit_code: 0 marks the run as finished, anything else as failed.
    """
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.finish(exit_code=exit_code)


def how_to_see(loggers: Iterable[Logger]) -> str:
    """What to do to see the run: one line a logger, or how to switch W&B on. Works after `finish`, too."""
    return "\n".join(filter(None, map(_how_to_see, loggers))) or "W&B is off: logger=wandb switches it on"


def _how_to_see(logger: Logger) -> str:
    if isinstance(logger, TensorBoardLogger):
        return f"TensorBoard: {_command('tensorboard')} --logdir {shlex.quote(os.path.relpath(logger.log_dir))}"
    if not isinstance(logger, WandbLogger) or not is_first_process():
        return ""
    return _where(logger.experiment)


def _where(run: "Run") -> str:
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
