"""Examples laid side by side in one axis, which draws far faster than an axis for each."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

GAP = 0.08
"""White space between two images, as a share of an image's side."""
LINE_TILE = (24, 36)
"""Height and width of the tile that a series or a row of a table is drawn in as a line."""


def shown_ends(examples: Tensor, value_range: Sequence[float]) -> tuple[float, float]:
    """The values of black and white: the ends of the range, or where it has none those of nearly all that is there."""
    if all(map(math.isfinite, value_range)):
        return value_range[0], value_range[1]
    finite = examples[examples.isfinite()]
    most = float(np.quantile(finite.abs().numpy(), 0.995)) if finite.numel() else 1.0
    return -(most or 1.0), most or 1.0


def show_tiles(
    ax: Any, examples: Tensor, columns: int, value_range: Sequence[float], gap: float = GAP
) -> tuple[int, int]:
    """Draw examples (N, *shape) row by row into one bare axis; returns height and width of a tile, for `centres`.

    Images are drawn as they are; a series (N, C, L) or a row of a table (N, D) becomes a line for each channel.
    """
    ends = shown_ends(examples, value_range)
    if examples.ndim == 4:
        pixels = as_pixels(examples, ends)
        ax.imshow(tiled(pixels, columns, gap), interpolation="nearest")
        size = pixels.shape[1:3]
    else:
        size = LINE_TILE
        _lines(ax, examples.clamp(*ends).numpy().reshape(len(examples), -1, examples.shape[-1]), columns, ends, gap)
    ax.spines[:].set_visible(False)
    ax.set(xticks=[], yticks=[])
    ax.tick_params(length=0)
    return int(size[0]), int(size[1])


def _lines(ax: Any, x: np.ndarray, columns: int, ends: tuple[float, float], gap: float) -> None:
    """x (N, C, L) as lines, each in a tile of its own, in the coordinates that `tiled` has for images."""
    from matplotlib.collections import LineCollection

    (height, width), (lo, hi) = LINE_TILE, ends
    space = max(1, round(gap * max(LINE_TILE)))
    place = np.arange(len(x))
    left, top = place % columns * (width + space), place // columns * (height + space)
    across = left[:, None, None] + np.linspace(0, width - 1, x.shape[2]) + np.zeros((1, x.shape[1], 1))
    down = top[:, None, None] + (hi - x) / (hi - lo) * (height - 1)
    points = np.stack([across, down], axis=-1)
    for channel in range(x.shape[1]):
        ax.add_collection(LineCollection(list(points[:, channel]), linewidths=0.8, colors=f"C{channel % 10}"))
    corners = np.stack([left, top, left + width - 1, top + height - 1], axis=-1)
    boxes = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)] for x0, y0, x1, y1 in corners.tolist()]
    ax.add_collection(LineCollection(boxes, linewidths=0.3, colors="#bbbbbb"))
    ax.set(xlim=(-1, columns * (width + space) - space), ylim=(top.max() + height, -1), aspect="equal")


def as_pixels(images: Tensor, value_range: Sequence[float]) -> np.ndarray:
    """Images as a screen shows them: (N, H, W, 3) in [0, 1], clamped.

    Args:
        images: (N, C, H, W), (N, H, W) or (N, D), in `value_range`. One channel becomes grey, three are red, green
            and blue, any other number is averaged to grey; a plain vector becomes one line of pixels.
        value_range: the values [lo, hi] of black and white.
    """
    lo, hi = value_range
    x = ((images - lo) / (hi - lo)).clamp(0, 1).numpy()
    x = channels_first(x)
    if x.shape[1] != 3:
        x = x.mean(1, keepdims=True).repeat(3, axis=1)
    return x.transpose(0, 2, 3, 1)


def channels_first(x: np.ndarray) -> np.ndarray:
    """(N, C, H, W), whatever of C and H was left out."""
    if x.ndim == 2:
        x = x[:, None, :]
    return x[:, None] if x.ndim == 3 else x


def tiled(pixels: np.ndarray, columns: int, gap: float = GAP, blank: float = 1.0) -> np.ndarray:
    """(N, H, W, ...) laid out row by row, first image at the top left, as (rows * H + gaps, columns * W + gaps, ...).

    Args:
        pixels: the images, with or without a last axis of channels.
        columns: images in a row; N must be a multiple of it.
        gap: space between images, as a share of the longer side.
        blank: the value of the space.
    """
    n, height, width = pixels.shape[:3]
    space = max(1, round(gap * max(height, width))) if gap else 0
    rows = n // columns
    step_y, step_x = height + space, width + space
    canvas = np.full((rows * step_y - space, columns * step_x - space, *pixels.shape[3:]), blank, dtype=np.float32)
    for i, image in enumerate(pixels):
        top, left = i // columns * step_y, i % columns * step_x
        canvas[top : top + height, left : left + width] = image
    return canvas


def centres(n: int, width: int, gap: float = GAP, longest: int | None = None) -> np.ndarray:
    """(n,) the middle of each image in a row that `tiled` laid, in pixels of the canvas."""
    space = max(1, round(gap * (longest or width))) if gap else 0
    return np.arange(n) * (width + space) + (width - 1) / 2
