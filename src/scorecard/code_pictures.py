"""Pictures of codes."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import Tensor

from src.drawing.class_colours import PALETTE
from src.drawing.figure import new_figure
from src.metrics.spectra import effective_rank
from src.metrics.units import ACTIVE
from src.scorecard.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROUNDING = 1e-6
"""A singular value below so small a share of the largest is 0 but for rounding, and not drawn."""


def spectra_side_by_side(spectra: Mapping[str, Tensor]) -> "Figure":
    """Singular values (K,) of the codes of each contender, as shares of their sum."""
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(7.0, 4.0)
    ax = figure.subplots()
    for (name, values), colour in zip(spectra.items(), COLOURS, strict=False):
        shares = (values / values.sum()).where(values > ROUNDING * values.max(), math.nan)
        label = f"{name}: effective rank {effective_rank(values):.3g}"
        marker = "o" if len(values) <= 64 else None
        ax.plot(range(1, len(values) + 1), shares.numpy(), color=colour, label=label, marker=marker, ms=3)
    ax.set(xlabel="singular value of the centred codes, in order", ylabel="share of their sum", yscale="log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=9)
    figure.suptitle("How evenly the codes fill their directions", fontsize=11)
    return figure


def kl_by_unit(kl: Tensor) -> "Figure":
    """The mean divergence (D,) of each unit in nats, the largest first."""
    figure = new_figure(7.0, 4.0)
    ax = figure.subplots()
    values, order = kl.sort(descending=True)
    ax.bar(range(len(values)), values.numpy(), color=COLOURS[0], width=0.8 if len(values) <= 100 else 1.0)
    ax.axhline(ACTIVE, color=PALETTE[3], linewidth=1, linestyle="--", label=f"{ACTIVE} nats")
    if len(values) <= 40:
        ax.set_xticks(range(len(values)), [str(unit) for unit in order.tolist()], fontsize=7)
    ax.set(xlabel="unit, the largest first", ylabel="KL in nats, mean over test images")
    ax.margins(x=0.01)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=9)
    awake = int((kl > ACTIVE).sum())
    figure.suptitle(f"{float(kl.sum()):.4g} nats in {awake} of {len(kl)} units", fontsize=11)
    return figure
