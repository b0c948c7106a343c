"""One look a variant, the same in every picture: a colour that colour-blind readers can tell, a marker, a dash."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from src.drawing.class_colours import PALETTE

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1)))
MOST = len(PALETTE) * len(DASHES)
"""Variants up to which each has a look of its own; the later ones, which are the worst, share a thin grey line."""
OTHERS = "#C8C8C8"
PCA_COLOUR = "#000000"


class Style(NamedTuple):
    """How a variant is drawn."""

    colour: str
    marker: str
    dash: Any
    is_named: bool
    """Whether a legend names it."""


def styles(names: Sequence[str]) -> dict[str, Style]:
    """The look of each variant, by its place in the table."""
    return {name: _style(i) if i < MOST else Style(OTHERS, ".", "-", False) for i, name in enumerate(names)}


def _style(place: int) -> Style:
    """Each time the colours are through, they go on with another dash and with other markers."""
    round_, colour = divmod(place, len(PALETTE))
    return Style(PALETTE[colour], MARKERS[(place + 3 * round_) % len(MARKERS)], DASHES[round_], True)


def legend(figure: Any, axes: Sequence[Any], names: Sequence[str]) -> None:
    """What the axes show, once each and in the order of the names, beside the picture."""
    shown = {label: handle for ax in axes for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    labels = [name for name in [*names, *(label for label in shown if label not in names)] if name in shown]
    if labels:
        columns = -(-len(labels) // 20)
        handles = [shown[label] for label in labels]
        figure.legend(handles, labels, loc="outside right upper", ncols=columns, frameon=False, fontsize=8)
    if len(names) > MOST:
        figure.text(
            0.99, 0.01, f"grey: the other {len(names) - MOST} variants", ha="right", fontsize=8, color="#555555"
        )


def width_of_legend(names: Sequence[str]) -> float:
    """Inches to give it beside the axes."""
    return (0.6 + 0.065 * max(map(len, names))) * -(-min(len(names), MOST) // 20)


def bare(ax: Any) -> None:
    """Without the frame's upper and right line."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=8)
