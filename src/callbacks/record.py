"""The run's own record: metrics.csv with a row an epoch, and how fast training went."""

import csv
import time
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint

STAGES = ("train/", "val/", "weight/", "learning_rate")


class Record(Checkpoint):
    """Writes metrics.csv and counts images and seconds, whatever the loggers are.

    It is a `Checkpoint` because Lightning runs those last in an epoch, when every figure of the epoch is there; and its
    state is in the checkpoints, so that a resumed run goes on counting.

    Attributes:
        epochs: finished ones.
        images: seen in training, over all processes.
        seconds: spent in training steps and what feeds them, without validation and pictures.
    """

    def __init__(self) -> None:
        self.epochs, self.images, self.seconds = 0, 0, 0.0
        self._since: float | None = None

    @property
    def images_per_second(self) -> float | None:
        return self.images / self.seconds if self.seconds else None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.is_global_zero:
            keep_rows(_file(trainer), before=trainer.current_epoch)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._since = time.perf_counter()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.is_last_batch and pl_module.device.type == "cuda":
            torch.cuda.synchronize(pl_module.device)  # steps that are only queued have not been trained yet
        now = time.perf_counter()
        self.images += len(batch.x) * trainer.world_size
        self.seconds += now - (self._since or now)
        self._since = now

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._since = time.perf_counter()  # in the midst of an epoch

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.epochs = trainer.current_epoch + 1
        if trainer.is_global_zero:
            metrics = {k: float(v) for k, v in trainer.callback_metrics.items() if k.startswith(STAGES)}
            append_row(_file(trainer), {"epoch": trainer.current_epoch, **metrics})

    def state_dict(self) -> dict[str, Any]:
        return {"epochs": self.epochs, "images": self.images, "seconds": self.seconds}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.epochs, self.images, self.seconds = (state_dict[k] for k in ("epochs", "images", "seconds"))


def _file(trainer: Trainer) -> Path:
    return Path(trainer.default_root_dir) / "metrics.csv"


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of metrics.csv, none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def keep_rows(path: Path, before: int) -> None:
    """Drop the rows of epoch `before` and later: epochs that a resumed run trains again."""
    rows = [row for row in read_rows(path) if int(row["epoch"]) < before]
    if rows or path.exists():
        _write(path, rows)


def append_row(path: Path, row: dict[str, float]) -> None:
    """Add a row; a figure that comes up for the first time adds its column."""
    rows = read_rows(path) if path.exists() else []
    if rows and set(row) <= set(rows[0]):
        with path.open("a", newline="") as file:
            csv.DictWriter(file, list(rows[0])).writerow(row)
    else:
        _write(path, [*rows, row])


def _write(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    temporary.replace(path)
