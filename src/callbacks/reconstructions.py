"""Input, what the encoder saw, output and error, one image a column."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from src.callbacks.pictures import Moment, PictureCallback, first_images, on_cpu
from src.contracts import Autoencoding, Reconstruction
from src.drawing.curves import curves
from src.drawing.figure import new_figure
from src.drawing.tiles import as_pixels, centres, channels_first, shown_ends, tiled
from src.ranges import PositiveInt

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Reconstructions(PictureCallback):
    """The first n validation examples beside their reconstructions, from the mean code.

    The row of what the encoder saw is there only where a corruption is active. The output is clamped to the data's
    range in the picture alone: the error map (absolute, averaged over channels) and `se` below it (squared error summed
    over the image's pixels, against the clean input) are of the output as it is. A model that cannot
    reconstruct has no such picture. Series and rows of tables are drawn as curves, output over input.

    Args:
        every_n_epochs: draw also whenever this many epochs have passed; None draws once, at the end.
        n: how many images.
    """

    name = "reconstructions"
    needs: ClassVar[frozenset[str]] = frozenset({"restore"})

    def __init__(self, every_n_epochs: PositiveInt | None = None, n: PositiveInt = 10) -> None:
        super().__init__(every_n_epochs)
        self.n = n

    def draw(self, trainer: Trainer, model: Autoencoding, moment: Moment) -> "Figure":
        """One column an image: input, seen, output, error."""
        x, seen, x_hat = _reconstruct(trainer, model, self.n)
        kind = "image" if x.ndim == 4 else "example"
        title = f"Reconstructions of {len(x)} validation {kind}{'s' * (len(x) > 1)} {moment}"
        if x.ndim < 4:
            names = trainer.datamodule.feature_names  # type: ignore[attr-defined]
            return curves(x, None if torch.equal(x, seen) else seen, x_hat, names, title)
        value_range = shown_ends(x, trainer.datamodule.range)  # type: ignore[attr-defined]
        rows = (
            {"input": x}
            | ({} if torch.equal(x, seen) else {"seen by\nencoder": seen})
            | {"output" if x_hat.isfinite().all() else "output\n(not finite)": x_hat}
        )
        error = channels_first((x_hat - x).abs().numpy()).mean(1)
        height, width = error.shape[1:]

        column = 1.0 if width <= height else min(width / height, 3.0)  # inches
        row = column * height / width
        figure = new_figure(max(len(x) * column + 1.9, 5.5), (len(rows) + 1) * (row + 0.08) + 0.85)
        axes = figure.subplots(len(rows) + 1, 1, squeeze=False)[:, 0]
        for ax, (label, images) in zip(axes, rows.items(), strict=False):
            ax.imshow(tiled(as_pixels(images, value_range), columns=len(x)), interpolation="nearest")
            _bare(ax, label)
        shown = _error_row(axes[-1], error)
        bar = figure.colorbar(shown, ax=list(axes), shrink=0.6, aspect=25, pad=0.01)
        bar.set_label(
            "error: $|\\hat{x} - x|$ per pixel" + (", mean over channels" if x[0].ndim == 3 and len(x[0]) > 1 else "")
        )
        squared = (x_hat - x).flatten(1).square().sum(1)
        middles = centres(len(x), width, longest=max(height, width))
        axes[-1].set_xticks(middles, [_se(value) for value in squared.tolist()], fontsize=8)
        figure.suptitle(title, fontsize=11)
        return figure


def _reconstruct(trainer: Trainer, model: Autoencoding, n: int) -> tuple[Tensor, Tensor, Tensor]:
    """x, what the encoder saw and x_hat, (n, *shape) each, on the CPU."""
    batch = first_images(trainer, n)
    out = cast(Reconstruction, cast(LightningModule, model)(batch))
    # a pass samples stochastic codes, as its loss needs them; the picture is of the mean
    x_hat = model.restored(out)
    return on_cpu(out.x), on_cpu(out.seen), on_cpu(x_hat)


def _error_row(ax: Any, error: np.ndarray) -> Any:
    finite = error[np.isfinite(error)]
    top = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    shown = ax.imshow(
        np.ma.masked_invalid(tiled(error, columns=len(error), blank=np.nan)),
        interpolation="nearest", cmap="magma", vmin=0, vmax=top,
    )  # fmt: skip
    _bare(ax, "error")
    return shown


def _se(value: float) -> str:
    return f"se {value:.3g}" if value < 1000 else f"se {value:,.0f}"


def _bare(ax: Any, label: str) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=9, labelpad=6)
