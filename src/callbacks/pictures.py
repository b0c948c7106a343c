"""What every picture of a run has in common: when it is drawn, where it goes and that training does not notice."""

import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor

from src import tracking
from src.contracts import Autoencoding, Batch
from src.ranges import PositiveInt

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Moment(NamedTuple):
    """When a picture is taken."""

    epochs: int
    """Finished ones, the one that just ends included."""
    final: bool
    """At the end of training, when the weights may be the best ones rather than the last."""

    def __str__(self) -> str:
        n = f"{self.epochs} epoch{'' if self.epochs == 1 else 's'}"
        return f"at the end of {n}" if self.final else f"after {n}"


class PictureCallback(Callback, ABC):
    """Draws one picture at the end of training, and every n epochs if asked to.

    The picture is saved as `figures/<name>.png` in the run folder and sent to every logger; a picture taken on the way
    also stays as `figures/<name>_epoch0005.png` (after 5 epochs). It is drawn on rank 0 alone, without gradients, with
    the model in evaluation mode, and leaves the model's mode and every random state as they were.

    The last picture is drawn in `on_fit_end`: by then averaged or closed-form weights are in the model and the loggers
    are still open. Lightning calls it too when training was stopped early, not when it raised. The model has been moved
    to the CPU by then.

    Args:
        every_n_epochs: draw also whenever this many epochs have passed; None draws once, at the end.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    """Capabilities of a model without which there is no such picture: it is then left out without a word."""

    def __init__(self, every_n_epochs: PositiveInt | None = None) -> None:
        self.every_n_epochs = every_n_epochs
        self.seconds = 0.0
        """Wall time spent drawing and sending so far."""

    @abstractmethod
    def draw(self, trainer: Trainer, model: Autoencoding, moment: Moment) -> "Figure | None":
        """The picture of the model as it stands; None where there is nothing to show."""

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draws if the epoch that ends is one of every n; validation is over by now."""
        moment = Moment(trainer.current_epoch + 1, final=False)
        if self.every_n_epochs is not None and moment.epochs % self.every_n_epochs == 0:
            path = self._take(trainer, pl_module, moment)
            if path is not None:
                shutil.copyfile(path, path.with_name(f"{self.name}_epoch{moment.epochs:04d}.png"))

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draws the last picture."""
        self._take(trainer, pl_module, Moment(trainer.current_epoch, final=True))

    @rank_zero_only
    def _take(self, trainer: Trainer, module: LightningModule, moment: Moment) -> Path | None:
        model = cast(Autoencoding, module)
        if not self.needs <= model.capabilities:
            return None
        began = time.perf_counter()
        with undisturbed(trainer, module):
            figure = self.draw(trainer, model, moment)
        path = None if figure is None else self._save(figure, Path(trainer.default_root_dir) / "figures")
        if path is not None:
            tracking.log_picture(trainer.loggers, self.name, path, epoch=max(moment.epochs - 1, 0))
        self.seconds += time.perf_counter() - began
        return path

    def _save(self, figure: "Figure", folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.png"
        figure.set_dpi(110)
        # savefig would draw twice, the first time to lay the picture out, which drawing does anyway; and the
        # compression that is usual takes a tenth of the time and saves a fifth of the file
        cast(Any, figure.canvas).print_png(path, pil_kwargs={"compress_level": 1})
        return path


@contextmanager
def undisturbed(trainer: Trainer, model: LightningModule) -> Iterator[None]:
    """Looks at a model in evaluation mode, without gradients, in the run's precision, and leaves no trace."""
    modes = [(module, module.training) for module in model.modules()]
    gpus = [model.device] if model.device.type == "cuda" else []
    # no_grad rather than inference mode: a tensor that a module keeps from inference mode could never be trained again
    with torch.random.fork_rng(devices=gpus), torch.no_grad(), trainer.precision_plugin.forward_context():
        model.eval()
        try:
            yield
        finally:
            for module, training in modes:
                module.training = training


def first_images(trainer: Trainer, n: int) -> Batch:
    """The first n (or all, if fewer) validation images, on the model's device and in its precision."""
    images = trainer.datamodule.val_set  # type: ignore[attr-defined]
    batch = images.__getitems__(torch.arange(min(n, len(images))))
    device = trainer.lightning_module.device
    return cast(Batch, trainer.precision_plugin.convert_input(Batch(*(part.to(device) for part in batch))))


def on_cpu(t: Tensor) -> Tensor:
    """Float32 on the CPU, ready to be drawn."""
    return t.detach().float().cpu()
