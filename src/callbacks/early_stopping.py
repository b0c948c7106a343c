"""Stopping when there is nothing more to gain."""

from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import EarlyStopping as LightningEarlyStopping

from src.ranges import NonNegativeFloat, PositiveInt


class EarlyStopping(LightningEarlyStopping):
    """Stops after `patience` epochs without a smaller `selection_metric` of the model; never where it has none.

    Args:
        patience: in validations.
        min_delta: by how much the figure must fall to count.
    """

    def __init__(self, patience: PositiveInt = 10, min_delta: NonNegativeFloat = 0.0) -> None:
        # strict would fail a run that has no validation; the loss itself is watched for NaN elsewhere
        super().__init__("val/loss", min_delta, patience, mode="min", strict=False, check_finite=False)

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        self.monitor = str(pl_module.selection_metric)
        super().setup(trainer, pl_module, stage)

    def _should_skip_check(self, trainer: Trainer) -> bool:
        """Lightning's own reasons, or a phase under way of which the figure says little."""
        return super()._should_skip_check(trainer) or bool(getattr(trainer.lightning_module, "preparing", False))

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting; that an earlier stretch stopped early is no news of this one."""
        super().load_state_dict({**state_dict, "patience": self.patience, "stopped_epoch": 0})
