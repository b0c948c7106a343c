"""Where a model puts the validation images: a map of their codes, coloured by class."""

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from lightning.pytorch import Trainer

from src import tracking
from src.callbacks.codes import Codes, collect_codes
from src.callbacks.decoded_grid import draw_decoded_line, draw_decoded_plane
from src.callbacks.pictures import Moment, PictureCallback
from src.contracts import Autoencoding
from src.drawing.class_colours import NO_LABEL, ClassPart, by_class
from src.drawing.figure import new_figure
from src.drawing.scatter import legend, principal, projected, scatter
from src.ranges import PositiveInt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDEST_TABLE = 256
"""A code wider than this reaches W&B's table as its principal components: thousands of columns would not open."""
FEWEST = 5
"""With fewer codes there is no map to draw."""


class LatentMap(PictureCallback):
    """Mean codes of validation images, coloured by class; at the end of training also a table for W&B's 2D projection.

    A code of one number is shown as a histogram, one of two as they are, both beside images decoded along the 1st to
    99th percentile of the codes (if the model decodes); a wider one by t-SNE with PCA start and a fixed seed, which
    keeps neighbours together but neither distances nor densities. Feature maps are flattened. Codes that are not
    finite, or all the same, are named in the title. A model that cannot encode has no such picture.

    Args:
        every_n_epochs: draw also whenever this many epochs have passed; None draws once, at the end.
        max_points: how many validation images at most; t-SNE of 1,000 takes seconds, and grows faster than linearly.
    """

    name = "latent_map"
    needs: ClassVar[frozenset[str]] = frozenset({"encode"})

    def __init__(self, every_n_epochs: PositiveInt | None = None, max_points: PositiveInt = 1000) -> None:
        super().__init__(every_n_epochs)
        self.max_points = max_points

    def draw(self, trainer: Trainer, model: Autoencoding, moment: Moment) -> "Figure":
        """The map that suits the width of the code."""
        codes = collect_codes(trainer, model, self.max_points)
        classes: list[str] = trainer.datamodule.val_set.classes  # type: ignore[attr-defined]
        parts = by_class(codes.y, classes)
        if moment.final and len(codes.z):
            _log_table(trainer, codes, classes, epoch=max(moment.epochs - 1, 0))

        width = codes.z.shape[1]
        trouble = _trouble(codes)
        kind = "images" if len(trainer.datamodule.shape) == 3 else "examples"  # type: ignore[attr-defined]
        title = f"Codes of {len(codes.z):,} validation {kind} {moment}"
        drawable = len(codes.z) >= FEWEST and np.ptp(codes.z, axis=0).max() > 0
        if not drawable:
            figure = new_figure(6, 3)
            figure.text(0.5, 0.4, "no map to draw", ha="center", color="#777777")
        elif width == 1:
            figure = _line(trainer, model, codes, parts)
        elif width == 2:
            figure = _plane(trainer, model, codes, parts)
        else:
            figure = _projection(codes.z, parts)
            title += f": t-SNE of {width} numbers"
        figure.suptitle(f"{title}\n{trouble}" if trouble else title, fontsize=11)
        return figure


def _trouble(codes: Codes) -> str:
    if codes.lost:
        return f"{codes.lost:,} codes are NaN or infinite and left out"
    if len(codes.z) < FEWEST:
        return f"fewer than {FEWEST} images"
    still = int((np.ptp(codes.z, axis=0) == 0).sum())
    if still == codes.z.shape[1]:
        return "all codes are the same: the encoder ignores its input"
    return f"{still} of {codes.z.shape[1]} units are constant" if still else ""


def _projection(z: np.ndarray, parts: list[ClassPart]) -> "Figure":
    figure = new_figure(7.2, 6)
    ax = figure.subplots()
    scatter(ax, projected(z), parts)
    ax.set(xticks=[], yticks=[], xlabel="t-SNE 1", ylabel="t-SNE 2")
    return figure


def _plane(trainer: Trainer, model: Autoencoding, codes: Codes, parts: list[ClassPart]) -> "Figure":
    decodes = "decode" in model.capabilities and "conditional" not in model.capabilities
    figure = new_figure(12.4 if decodes else 7.2, 6)
    left, *right = figure.subplots(1, 2 if decodes else 1, squeeze=False)[0]
    scatter(left, codes.z, parts)
    left.set(xlabel="$z_0$", ylabel="$z_1$")
    if decodes:
        lo, hi = np.percentile(codes.z, [1, 99], axis=0)
        left.plot(*_frame(lo, hi), color="#555555", linewidth=0.8, linestyle="--", label="decoded at right")
        draw_decoded_plane(right[0], trainer, model, codes.shape, lo, hi)
    legend(left, parts)
    return figure


def _line(trainer: Trainer, model: Autoencoding, codes: Codes, parts: list[ClassPart]) -> "Figure":
    decodes = "decode" in model.capabilities and "conditional" not in model.capabilities
    figure = new_figure(9, 5)
    axes = figure.subplots(2 if decodes else 1, 1, squeeze=False, height_ratios=[5, 1] if decodes else None)[:, 0]
    stacks = [codes.z[part.where, 0] for part in parts]
    axes[0].hist(stacks, bins=60, stacked=True, color=[p.colour for p in parts], label=[p.label for p in parts])
    axes[0].set(xlabel="$z_0$", ylabel="how many")
    legend(axes[0], parts)
    if decodes:
        lo, hi = np.percentile(codes.z, [1, 99])
        draw_decoded_line(axes[1], trainer, model, codes.shape, float(lo), float(hi))
    return figure


def _frame(lo: np.ndarray, hi: np.ndarray) -> tuple[list[float], list[float]]:
    return [lo[0], hi[0], hi[0], lo[0], lo[0]], [lo[1], lo[1], hi[1], hi[1], lo[1]]


def _log_table(trainer: Trainer, codes: Codes, classes: list[str], epoch: int) -> None:
    labels = [classes[k] if k >= 0 else NO_LABEL for k in codes.y]
    z = principal(codes.z, WIDEST_TABLE) if codes.z.shape[1] > WIDEST_TABLE else codes.z
    tracking.log_codes(trainer.loggers, z, labels, codes.place.tolist(), epoch)
