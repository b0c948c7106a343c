"""How much each term of the loss weighs, epoch by epoch."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from lightning.pytorch import Trainer

from src.callbacks.pictures import Moment, PictureCallback
from src.callbacks.record import read_rows
from src.contracts import Autoencoding
from src.drawing.class_colours import PALETTE
from src.drawing.figure import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


COLOURS = tuple(
    PALETTE[i] for i in (2, 1, 4, 3, 5, 0, 8, 6, 7, 9)
)  # light ones first: the reconstruction fills most of the picture


class Curves(NamedTuple):
    """What metrics.csv tells of the loss; a value that is not there is NaN."""

    epochs: np.ndarray
    """(E,), ascending, each once."""
    weighted: dict[str, np.ndarray]
    """Per term: weight times value in training, (E,)."""
    train: np.ndarray
    """(E,), the training loss."""
    val: np.ndarray
    """(E,), the validation loss."""


class LossBreakdownPlot(PictureCallback):
    """Each weighted term of the training loss stacked by epoch, with both totals as lines; from the run's metrics.csv.

    So it covers the epochs before a run was resumed, too. What adds to the loss is stacked upwards from zero, what
    lowers it downwards. The epoch that just ends is read from the trainer, for metrics.csv may not have it yet. A run
    without an epoch has no picture.

    Args:
        every_n_epochs: draw also whenever this many epochs have passed; None draws once, at the end.
    """

    name = "loss_breakdown"

    def draw(self, trainer: Trainer, model: Autoencoding, moment: Moment) -> "Figure | None":
        """The terms stacked as areas; one epoch alone is as wide as a bar."""
        rows = recorded(Path(trainer.default_root_dir) / "metrics.csv")
        if not moment.final:
            rows[moment.epochs - 1] = {key: float(value) for key, value in trainer.callback_metrics.items()}
        if not rows:
            return None
        curves = curves_of(rows)
        figure = new_figure(8.5, 4.5)
        ax = figure.subplots()
        _stack(ax, curves)
        _line(ax, curves.epochs, curves.train, "train", color="black")
        _line(ax, curves.epochs, curves.val, "validation", color="#CC3311", linestyle="--")
        _label(ax, curves)
        figure.suptitle(f"Loss by weighted term {moment}", fontsize=11)
        return figure


def recorded(path: Path) -> dict[int, dict[str, float]]:
    """The figures of each epoch in a metrics.csv that has a training loss; none where there is no file."""
    rows = [{key: float(value) for key, value in row.items() if key and value} for row in read_rows(path)]
    return {int(row["epoch"]): row for row in rows if "train/loss" in row}


def curves_of(rows: dict[int, dict[str, float]]) -> Curves:
    """The loss's terms, of each epoch at least one: the reconstruction, and whatever has a weight other than 0."""
    table = [rows[epoch] for epoch in sorted(rows)]
    weights = dict.fromkeys(key for row in table for key in row if key.startswith("weight/"))
    names = ["reconstruction", *(key.removeprefix("weight/") for key in weights if key != "weight/reconstruction")]
    weighted = {
        name: _column(table, f"train/{name}") * _column(table, f"weight/{name}", missing=1.0)
        for name in names
        if any(f"train/{name}" in row and row.get(f"weight/{name}", 1.0) != 0 for row in table)
    }
    return Curves(np.array(sorted(rows), float), weighted, _column(table, "train/loss"), _column(table, "val/loss"))


def _column(table: list[dict[str, float]], key: str, missing: float = math.nan) -> np.ndarray:
    return np.array([row.get(key, missing) for row in table])


def _stack(ax: Any, curves: Curves) -> None:
    alone = len(curves.epochs) == 1
    epochs = curves.epochs + np.array([-0.3, 0.3]) if alone else curves.epochs
    up, down = np.zeros(len(epochs)), np.zeros(len(epochs))
    total = sum(abs(np.nan_to_num(values[-1], posinf=0, neginf=0)) for values in curves.weighted.values())
    for i, (name, values) in enumerate(curves.weighted.items()):
        part = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0) + np.zeros(len(epochs))
        share = _share(abs(part[-1]) / total) if total and len(curves.weighted) > 1 else ""
        style = {"color": COLOURS[i % len(COLOURS)], "linewidth": 0}
        ax.fill_between(epochs, up, up + part.clip(min=0), label=f"{name}: {values[-1]:.4g}{share}", **style)
        ax.fill_between(epochs, down, down + part.clip(max=0), **style)
        up, down = up + part.clip(min=0), down + part.clip(max=0)


def _share(share: float) -> str:
    return ", under 0.1%" if share < 0.0005 else f", {share:.1%}"


def _line(ax: Any, epochs: np.ndarray, values: np.ndarray, label: str, **style: Any) -> None:
    known = np.isfinite(values)
    if known.any():
        marker = "D" if known.sum() == 1 else None
        label = f"{label}: {values[known][-1]:.4g}"
        ax.plot(epochs[known], values[known], label=label, linewidth=1.5, marker=marker, **style)


def _label(ax: Any, curves: Curves) -> None:
    from matplotlib.ticker import FixedLocator, MaxNLocator

    ax.set(xlabel="epoch", ylabel="weight × term")
    alone = len(curves.epochs) == 1
    ax.xaxis.set_major_locator(FixedLocator(curves.epochs.tolist()) if alone else MaxNLocator(integer=True))
    first, last = curves.epochs[0], curves.epochs[-1]
    ax.set_xlim((first - 0.9, last + 0.9) if alone else (first, last))
    if all((np.nan_to_num(values) >= 0).all() for values in (*curves.weighted.values(), curves.val)):
        ax.set_ylim(bottom=0)
    ax.axhline(0, color="#555555", linewidth=0.8)
    broken = int((~np.isfinite(curves.train)).sum())
    if broken:
        ax.set_title(f"the loss is not finite in {broken} of {len(curves.epochs)} epochs", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    legend = {"title": "at the last epoch", "title_fontsize": 8, "fontsize": 8, "frameon": False}
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), alignment="left", **legend)
