"""Live progress."""

import sys
from multiprocessing import current_process
from typing import Any, cast

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import RichProgressBar


class Progress(RichProgressBar):
    """A bar with the loss and its terms in a terminal; a line for about every tenth of the run elsewhere.

    The figures are means over the last 50 steps, which the model has at hand: showing them costs no extra wait for the
    device.

    Args:
        live: whether there is a terminal to draw the bar in; None looks. The workers of a sweep have none: several bars
            would write over each other.
    """

    def __init__(self, live: bool | None = None) -> None:
        super().__init__(refresh_rate=20)
        alone = current_process().name == "MainProcess"
        self._live = sys.stdout.isatty() and alone if live is None else live
        if not self._live:
            self.disable()  # it would print its last frame

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._refresh_rate = max(1, min(20, int(trainer.num_training_batches) // 8))
        super().on_train_start(trainer, pl_module)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if (batch_idx + 1) % self.refresh_rate == 0 or trainer.is_last_batch:  # its own work at each step is felt
            super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)

    def get_metrics(self, trainer: Trainer, pl_module: LightningModule) -> dict[str, Any]:
        latest: dict[str, float] = cast(Any, pl_module).train_terms.latest
        return {name: f"{value:.4g}" for name, value in latest.items()}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        super().on_train_epoch_end(trainer, pl_module)
        epochs, done = trainer.max_epochs or 0, trainer.current_epoch + 1
        if self._live or not trainer.is_global_zero or (done % max(1, epochs // 10) and done != epochs):
            return
        figures = {**self.get_metrics(trainer, pl_module), "val/loss": trainer.callback_metrics.get("val/loss")}
        told = "  ".join(f"{name} {float(value):.4g}" for name, value in figures.items() if value is not None)
        print(f"epoch {done}/{epochs}  {told}", flush=True)
