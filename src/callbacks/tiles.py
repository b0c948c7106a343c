"""Images laid side by side as one array, which draws far faster than an axis for each."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

GAP = 0.08
"""White space between two images, as a share of an image's side."""


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
