"""What the loss of each variant is made of at its end, term by term."""

from statistics import fmean
from typing import TYPE_CHECKING, Any

from src.comparison.records import Comparison, Run, Variant
from src.comparison.styles import bare
from src.drawing.class_colours import PALETTE
from src.drawing.figure import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 40
COLOURS = tuple(PALETTE[i] for i in (2, 1, 4, 3, 5, 0, 8, 6, 7, 9))
"""Light ones first: the reconstruction fills most of the picture."""


def weighted_terms(run: Run) -> dict[str, float]:
    """Each term of the validation loss times its weight, at the last epoch that has it; none without curves."""
    names = [key.removeprefix("weight/") for key in run.curves if key.startswith("weight/")]
    found = {}
    for name in dict.fromkeys(["reconstruction", *names]):
        weight = _last(run, f"weight/{name}")
        value = _last(run, f"val/{name}")
        if value is not None and weight != 0:
            found[name] = value * (1.0 if weight is None else weight)
    return found


def _last(run: Run, key: str) -> float | None:
    return next((value for value in reversed(run.curves.get(key, ())) if value is not None), None)


def over_seeds(variant: Variant) -> dict[str, float]:
    """The mean of each weighted term over the runs that have it."""
    each = [weighted_terms(run) for run in variant.runs]
    names = dict.fromkeys(name for terms in each for name in terms)
    return {name: fmean(terms[name] for terms in each if name in terms) for name in names}


def loss_breakdown(comparison: Comparison) -> "Figure | None":
    """A bar for each variant, its terms end to end, and again as shares; nothing where no run has terms."""
    terms = {variant.name: found for variant in comparison.variants[:MOST] if (found := over_seeds(variant))}
    names = list(dict.fromkeys(name for each in terms.values() for name in each))
    if not terms:
        return None
    figure = new_figure(10.5, 0.3 * len(terms) + 1.7)
    absolute, shares = figure.subplots(1, 2, sharey=True)
    for ax, part in ((absolute, terms), (shares, {name: _shares(each) for name, each in terms.items()})):
        _bars(ax, part, names)
    absolute.set_yticks(range(len(terms)), list(terms), fontsize=9)
    absolute.invert_yaxis()
    absolute.set_xlabel("weight × term, validation")
    shares.set_xlabel("share of the sum of sizes")
    shares.xaxis.set_major_formatter("{x:.0%}")
    handles, labels = absolute.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", frameon=False, fontsize=8)
    more = len(comparison.variants) - MOST
    others = f"; the other {more} variants are not drawn" if more > 0 else ""
    figure.suptitle(f"Loss by weighted term at the last epoch, mean over seeds{others}", fontsize=11)
    return figure


def _shares(terms: dict[str, float]) -> dict[str, float]:
    whole = sum(map(abs, terms.values())) or 1.0
    return {name: value / whole for name, value in terms.items()}


def _bars(ax: Any, terms: dict[str, dict[str, float]], names: list[str]) -> None:
    """What adds to the loss to the right of 0, what lowers it to the left."""
    right, left = [0.0] * len(terms), [0.0] * len(terms)
    for k, name in enumerate(names):
        values = [each.get(name, 0.0) for each in terms.values()]
        starts = [r if value >= 0 else low for value, r, low in zip(values, right, left, strict=True)]
        hatch = "" if k < len(COLOURS) else "///"
        ax.barh(range(len(terms)), values, left=starts, color=COLOURS[k % len(COLOURS)], label=name, hatch=hatch)
        right = [r + max(value, 0.0) for value, r in zip(values, right, strict=True)]
        left = [low + min(value, 0.0) for value, low in zip(values, left, strict=True)]
    ax.axvline(0, color="#555555", linewidth=0.8)
    bare(ax)
