"""The loggers of a run, from its start to its end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger, WandbLogger

from src.distributed import is_first_process
from src.tracking.connection import Mode, count_on, open_wandb_run, run_id_of

BY_EPOCH = ("train/*", "val/*", "weight/*", "learning_rate", "figures/*")
"""What W&B plots against `epoch`: its own step counts calls, and with two optimizers Lightning's counts twice."""


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
    run_id = run_id_of(folder) if resume else None
    run = open_wandb_run(
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
        count_on(run, folder)
    # given a run, WandbLogger starts none; told `offline`, it would set WANDB_MODE for the rest of the process
    return WandbLogger(experiment=run, project=project, name=name, save_dir=folder)


def finish(loggers: Iterable[Logger], exit_code: int = 0) -> None:
    """Ends every W&B run: belongs in a `finally`, or the next run of the process meets this one still open.

    Args:
        loggers: those of the Trainer.
        exit_code: 0 marks the run as finished, anything else as failed.
    """
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.finish(exit_code=exit_code)
