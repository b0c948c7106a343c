"""A figure that belongs to no window."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(width: float, height: float) -> "Figure":
    """An empty figure in inches that belongs to no window and no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def verbatim(name: str) -> str:
    """A name of the user's as matplotlib draws it letter by letter: between dollar signs it would read mathematics."""
    return name.replace("$", r"\$")
