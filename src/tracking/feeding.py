"""What reaches W&B (and TensorBoard) of a run beside its curves."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger

from src.distributed import is_first_process
from src.tracking.connection import Mode, count_on, open_wandb_run, run_id_of
from src.tracking.seeing import where


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
    run_id = run_id_of(folder)
    without = "To keep the score card in the run folder alone, use wandb=false."
    run = open_wandb_run(without, mode, folder, run_id, project=project, entity=entity)
    try:
        id_file.write_text(run.id + "\n")
        if run_id and run.offline:
            count_on(run, folder)
        run.log({f"figures/{name}": wandb.Image(str(path)) for name, path in pictures.items()})
        run.summary.update(dict(figures))
    finally:
        run.finish()
    return where(run)
