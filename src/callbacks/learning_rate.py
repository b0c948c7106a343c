"""The learning rate beside the losses."""

from lightning.pytorch import Callback, LightningModule, Trainer


class LearningRate(Callback):
    """Logs `learning_rate`, that of the epoch's first step; `learning_rate/0`, `/1`, ... where there are several.

    A closed form that takes no steps has none.
    """

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        rates = [optimizer.param_groups[0]["lr"] for optimizer in trainer.optimizers if optimizer.param_groups]
        names = ["learning_rate"] if len(rates) == 1 else [f"learning_rate/{i}" for i in range(len(rates))]
        values = {name: float(rate) for name, rate in zip(names, rates, strict=True)}
        pl_module.log_dict(values, on_step=False, on_epoch=True, batch_size=1)
