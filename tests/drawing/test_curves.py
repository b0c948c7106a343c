"""Series and rows of tables: output over input, and many side by side as lines."""

import math

import numpy as np
import pytest
import torch

from src.drawing.curves import curves
from src.drawing.figure import new_figure
from src.drawing.tiles import LINE_TILE, centres, show_tiles, shown_ends


def test_each_panel_has_the_output_over_the_input_and_its_squared_error() -> None:
    x = torch.arange(6.0).view(2, 1, 3)
    figure = curves(x, None, x + 2, [], "title")
    panels = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in panels] == ["se 12", "se 12"]
    drawn = {line.get_label(): np.asarray(line.get_ydata()) for line in panels[1].lines}
    assert drawn.keys() == {"input", "output"}
    assert drawn["input"].tolist() == [3, 4, 5]
    assert drawn["output"].tolist() == [5, 6, 7]


def test_what_the_encoder_saw_is_drawn_where_it_differs() -> None:
    x = torch.rand(1, 1, 5)
    labels = [line.get_label() for line in curves(x, x + 1, x, [], "").axes[0].lines]
    assert labels == ["seen by encoder", "input", "output"]


def test_each_of_several_channels_has_a_panel_and_four_are_drawn_at_most() -> None:
    x = torch.rand(2, 6, 5)
    figure = curves(x, None, x, [], "title")
    assert len(figure.axes) == 2 * 4
    assert figure.axes[5].get_title() == "se 0, channel 1"
    assert "the first 4 of 6 channels" in figure.get_suptitle()


def test_the_features_of_a_table_are_named() -> None:
    x = torch.rand(2, 3)
    axes = curves(x, None, x, ["ash", "hue", "alcohol"], "").axes
    assert [label.get_text() for label in axes[-1].get_xticklabels()] == ["ash", "hue", "alcohol"]


def test_an_output_that_is_not_finite_is_named() -> None:
    x = torch.rand(1, 3)
    assert curves(x, None, x * math.nan, [], "").axes[0].lines[-1].get_label() == "output (not finite)"


def test_values_without_ends_are_shown_between_those_of_nearly_all() -> None:
    x = torch.cat([torch.linspace(-2, 2, 999), torch.tensor([50.0])])
    low, high = shown_ends(x, (-math.inf, math.inf))
    assert low == -high
    assert 1.9 < high < 2.1
    assert shown_ends(x, [0, 1]) == (0, 1)
    assert shown_ends(torch.zeros(3), (-math.inf, math.inf)) == (-1, 1)


@pytest.mark.parametrize("shape", [(5,), (2, 5)], ids=["table", "series"])
def test_a_line_lies_in_its_tile(shape: tuple[int, ...]) -> None:
    x = torch.zeros(6, *shape)
    x[..., -1] = 1
    ax = new_figure(3, 3).subplots()
    assert show_tiles(ax, x, columns=3, value_range=[0, 1], gap=0.1) == LINE_TILE
    height, width = LINE_TILE
    lines = ax.collections[0].get_segments()
    assert len(lines) == 6
    last = lines[-1]  # second row, third column
    assert last[:, 0].mean() == pytest.approx(centres(3, width, gap=0.1)[2])
    top = centres(2, height, gap=0.1, longest=width)[1] - (height - 1) / 2
    assert last[-1, 1] == pytest.approx(top)  # 1 is at the top, 0 at the bottom
    assert last[0, 1] == pytest.approx(top + height - 1)
