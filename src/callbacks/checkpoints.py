"""The two checkpoints of a run folder."""

from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint

from src.checkpoints import write_checkpoint


class BestCheckpoint(Checkpoint):
    """Keeps checkpoints/best.ckpt: the epoch with the smallest `selection_metric` of the model (none: the last).

    When training ends these weights are put back into the model, so that pictures and test figures are theirs.
    """

    def __init__(self) -> None:
        self.score, self.epoch = float("inf"), -1

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        metric = pl_module.selection_metric
        score = trainer.callback_metrics.get(str(metric))
        if metric is None or (score is not None and float(score) < self.score):
            self.score, self.epoch = float("inf") if score is None else float(score), trainer.current_epoch
            write_checkpoint(trainer, _folder(trainer) / "best.ckpt")

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.epoch >= 0:
            trainer.strategy.barrier()
            checkpoint = torch.load(_folder(trainer) / "best.ckpt", map_location=pl_module.device, weights_only=True)
            pl_module.load_state_dict(checkpoint["state_dict"])

    def state_dict(self) -> dict[str, Any]:
        return {"score": self.score, "epoch": self.epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.score, self.epoch = state_dict["score"], state_dict["epoch"]


class LastCheckpoint(Checkpoint):
    """Keeps checkpoints/last.ckpt: the last finished epoch, and the untrained model before the first.

    From here a run that was interrupted, killed even, goes on.
    """

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not (path := _folder(trainer) / "last.ckpt").exists():
            write_checkpoint(trainer, path)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        write_checkpoint(trainer, _folder(trainer) / "last.ckpt")


def _folder(trainer: Trainer) -> Path:
    return Path(trainer.default_root_dir) / "checkpoints"
