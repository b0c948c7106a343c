"""New images, drawn from the model."""

from typing import TYPE_CHECKING, ClassVar, cast

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from src.callbacks.pictures import Moment, PictureCallback, on_cpu
from src.contracts import Autoencoding
from src.drawing.figure import new_figure, verbatim
from src.drawing.tiles import centres, show_tiles
from src.ranges import NonNegativeInt, PositiveInt

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Samples(PictureCallback):
    """Images of codes drawn from the model's prior, the same codes each time: a square, or a row for each class.

    A model that is told classes draws `across` of each class of the data. Pixels are clamped to the data's range. A
    model that cannot sample has no such picture.

    Args:
        every_n_epochs: draw also whenever this many epochs have passed; None draws once, at the end.
        across: how many images in a row.
        seed: of the codes.
    """

    name = "samples"
    needs: ClassVar[frozenset[str]] = frozenset({"sample"})

    def __init__(
        self, every_n_epochs: PositiveInt | None = None, across: PositiveInt = 10, seed: NonNegativeInt = 0
    ) -> None:
        super().__init__(every_n_epochs)
        self.across, self.seed = across, seed

    def draw(self, trainer: Trainer, model: Autoencoding, moment: Moment) -> "Figure":
        """The images, row by row; of a model that is told classes, their names at the left."""
        classes = trainer.datamodule.val_set.classes if "conditional" in model.capabilities else []  # type: ignore[attr-defined]
        images = self._sampled(model, len(classes))
        figure = new_figure(7.2, 7.7)
        ax = figure.subplots()
        height, width = show_tiles(ax, images.nan_to_num(), self.across, trainer.datamodule.range)  # type: ignore[attr-defined]
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        figure.set_figheight(max(7.2 * abs(bottom - top) / abs(right - left), 1.0) + 0.5)
        if classes:
            ax.set_yticks(centres(len(classes), height, longest=max(height, width)), list(map(verbatim, classes)))
        trouble = "" if images.isfinite().all() else " (not all finite)"
        figure.suptitle(f"{len(images)} samples {moment}{trouble}", fontsize=11)
        return figure

    def _sampled(self, model: Autoencoding, classes: int) -> Tensor:
        """(across * rows, *shape) on the CPU; the random state is put back by whoever asked for the picture."""
        torch.manual_seed(self.seed)
        if not classes:
            return on_cpu(model.sample(self.across**2))
        device = cast(LightningModule, model).device
        return on_cpu(
            model.sample(self.across * classes, torch.arange(classes, device=device).repeat_interleave(self.across))
        )
