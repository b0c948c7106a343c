"""Names of the user's in pictures."""

import numpy as np
import torch

from src.drawing.class_colours import by_class
from src.drawing.curves import curves
from src.drawing.figure import new_figure
from src.drawing.scatter import legend, scatter


def test_a_name_with_dollar_signs_is_drawn_and_not_read_as_mathematics() -> None:
    names = ["p$ ^_{ $q", "US$"]
    figure = new_figure(3, 3)
    ax = figure.subplots()
    parts = by_class(np.array([0, 1, 0, 1]), names)
    scatter(ax, np.random.default_rng(0).random((4, 2)), parts)
    legend(ax, parts)
    figure.canvas.draw()
    x = torch.rand(2, 2)
    curves(x, None, x, names, "title").canvas.draw()
