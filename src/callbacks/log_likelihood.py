"""How likely the model finds the test images."""

import time
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from src.callbacks.pictures import undisturbed
from src.contracts import Autoencoding, Batch
from src.errors import UserError
from src.metrics import log_likelihood
from src.metrics.likelihood import bits_per_dim, no_likelihood_of
from src.noise import IndexedNoise
from src.ranges import NonNegativeInt, PositiveInt

IMAGES = 250
"""Taken at once at most: so many that a step is worth its overhead, so few that progress can be told."""
SECONDS = 10.0
"""Between two lines of progress."""


class LogLikelihood(Callback):
    """Logs the mean log p(x) of the test images, by importance sampling (`src/metrics/likelihood.py`).

    `test/log_likelihood` is in nats, with its number of samples beside it as `test/log_likelihood_samples`: it rises
    with them. It is of the numbers in an image as the loss reads them; `test/bits_per_dim` is of the same brought to
    [0, 1], and of a density it may be below 0. With loss=bce only black-and-white pixels have a likelihood:
    data.binarize=dynamic. The noise belongs to the image, so figures repeat.

    Args:
        samples: importance samples for each image; 0 measures nothing.
        chunk: codes decoded at once, which bounds the memory.
        max_images: of the first so many test images only; None is all.

    Raises:
        UserError: before training: the model has no likelihood, or its loss reads black-and-white pixels and gets grey.
    """

    def __init__(
        self, samples: NonNegativeInt = 0, chunk: PositiveInt = 2000, max_images: PositiveInt | None = None
    ) -> None:
        self.samples, self.chunk, self.max_images = samples, chunk, max_images

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        assert isinstance(pl_module, Autoencoding)
        if self.samples and "likelihood" not in pl_module.capabilities:
            raise UserError(
                f"callbacks.likelihood: {type(pl_module).__name__} with this loss and network has no likelihood to "
                "measure. Use e.g. model=vae loss=bce data.binarize=dynamic, or callbacks.likelihood.samples=0."
            )
        if self.samples and (why := no_likelihood_of(_some(trainer), pl_module)):
            raise UserError(f"callbacks.likelihood: {why}")

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not self.samples:
            return
        with undisturbed(trainer, pl_module):
            sums = self._summed(trainer, pl_module)
        if trainer.world_size > 1:
            sums = trainer.strategy.reduce(sums.to(pl_module.device), reduce_op="sum").cpu()
        mean = float(sums[0] / sums[1])
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        figures = {"log_likelihood": mean, "log_likelihood_samples": self.samples}
        figures["bits_per_dim"] = bits_per_dim(mean, data.shape, data.range)
        pl_module.log_dict({f"test/{name}": float(value) for name, value in figures.items()})

    def _summed(self, trainer: Trainer, model: LightningModule) -> Tensor:
        """(sum of log p(x), number of images) of this process's share, (2,) float64."""
        assert isinstance(model, Autoencoding)
        images = trainer.datamodule.test_set  # type: ignore[attr-defined]
        mine = torch.arange(min(len(images), self.max_images or len(images)))[trainer.global_rank :: trainer.world_size]
        sums, told = torch.zeros(2, dtype=torch.float64), time.perf_counter()
        for index in mine.split(min(IMAGES, self.chunk)) if len(mine) else ():
            parts = Batch(*(part.to(model.device) for part in images.__getitems__(index)))
            batch: Batch = trainer.precision_plugin.convert_input(parts)
            noise = IndexedNoise(0, batch.index)
            values = log_likelihood(model, batch.x, batch.y, noise, self.samples, self.chunk)
            sums += torch.tensor([values.double().sum().item(), len(index)])
            if time.perf_counter() - told > SECONDS and trainer.is_global_zero:
                told, (total, n) = time.perf_counter(), sums.tolist()
                print(f"log-likelihood: {total / n:.2f} nats of {n:.0f} of {len(mine)} images so far", flush=True)
        return sums


def _some(trainer: Trainer) -> Tensor:
    """The first validation images."""
    images = trainer.datamodule.val_set  # type: ignore[attr-defined]
    x: Tensor = images.__getitems__(torch.arange(min(100, len(images)))).x
    return x
