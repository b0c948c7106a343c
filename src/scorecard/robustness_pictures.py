"""Pictures of robustness."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from src.drawing.class_colours import PALETTE
from src.drawing.figure import new_figure
from src.scorecard.colours import COLOURS
from src.scorecard.findings import Measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST = 15.0
"""Bars are cut there, in dB: what a linear map undoes exactly would dwarf all else."""


def spectra_side_by_side(spectra: Mapping[str, Tensor]) -> "Figure":
    """The singular values (images, K) of each contender's Jacobians: their mean, and the middle 80 % of images."""
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(7.0, 4.0)
    ax = figure.subplots()
    for (name, values), colour in zip(spectra.items(), COLOURS, strict=False):
        places = range(1, values.shape[1] + 1)
        low, high = torch.quantile(values, torch.tensor([0.1, 0.9]), dim=0).numpy()
        ax.plot(places, values.mean(0).numpy(), color=colour, label=name, marker="o", ms=3)
        ax.fill_between(places, low, high, color=colour, alpha=0.2, linewidth=0)
    ax.set(xlabel="singular value of dz/dx, in order", ylabel="mean over images (band: the middle 80 %)")
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=9)
    figure.suptitle("In how many directions, and how strongly, codes answer to the image", fontsize=11)
    return figure


def gains_side_by_side(names: Sequence[str], scores: Mapping[str, Mapping[str, Measured]]) -> "Figure":
    """The gain on each corruption of each contender and of the best linear denoiser; 95 % intervals of the former."""
    figure = new_figure(8.0, 1.4 + 0.6 * len(names))
    ax = figure.subplots()
    for k, ((name, of), colour) in enumerate(zip(scores.items(), COLOURS, strict=False)):
        _bars(ax, k, {i: of[f"{n}/gain"] for i, n in enumerate(names) if f"{n}/gain" in of}, colour, name)
    first = next(iter(scores.values()))
    behind = {i: (first[f"{n}/gain"], first.get(f"{n}/gain_over_linear")) for i, n in enumerate(names)}
    linear = {i: Measured(gain.value - over.value) for i, (gain, over) in behind.items() if over}
    if linear:
        _bars(ax, 2, linear, PALETTE[1], "best linear denoiser")
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.axvline(0, color="#555555", linewidth=0.8)
    ax.set(xlabel="PSNR gained over the corrupted image, in dB")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    figure.suptitle("What is made of corrupted test images", fontsize=11)
    return figure


def _bars(ax: Any, k: int, found: Mapping[int, Measured], colour: str, label: str) -> None:
    """The bars of one of three, by the place of their corruption; one that is cut has its value beside it."""
    values = [max(-LONGEST, min(figure.value, LONGEST)) for figure in found.values()]
    ends = [
        [f.value - (f.value if f.low is None else f.low) for f in found.values()],
        [(f.value if f.high is None else f.high) - f.value for f in found.values()],
    ]
    places = [place + 0.28 * (k - 1) for place in found]
    cut = [abs(figure.value) > LONGEST for figure in found.values()]
    ends = [[0.0 if short else end for end, short in zip(side, cut, strict=True)] for side in ends]
    ax.barh(places, values, height=0.27, xerr=ends, color=colour, label=label, error_kw={"linewidth": 0.8})
    for place, figure, short in zip(places, found.values(), cut, strict=True):
        if short:
            at = {"x": LONGEST * (0.99 if figure.value > 0 else -0.99), "ha": "right" if figure.value > 0 else "left"}
            ax.text(y=place, s=f"{figure.value:.1f}", va="center", fontsize=7, **at)
