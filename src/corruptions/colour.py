"""Brightness and colour apart, after Rec. 601 (JPEG's JFIF uses the same)."""

import torch
from torch import Tensor

RED, GREEN, BLUE = 0.299, 0.587, 0.114
"""What each channel adds to the brightness that is seen; they sum to 1, so grey stays as it is in any range."""


def luma(rgb: Tensor) -> Tensor:
    """(B, 3, H, W) -> (B, 1, H, W)."""
    return RED * rgb[:, :1] + GREEN * rgb[:, 1:2] + BLUE * rgb[:, 2:3]


def to_ycbcr(rgb: Tensor) -> Tensor:
    """Luma, blueness and redness, (B, 3, H, W), the latter two 0 where a pixel is grey."""
    y = luma(rgb)
    return torch.cat([y, (rgb[:, 2:3] - y) / (2 * (1 - BLUE)), (rgb[:, :1] - y) / (2 * (1 - RED))], dim=1)


def to_rgb(ycbcr: Tensor) -> Tensor:
    """The inverse of `to_ycbcr`."""
    y, cb, cr = ycbcr[:, :1], ycbcr[:, 1:2], ycbcr[:, 2:3]
    red, blue = y + 2 * (1 - RED) * cr, y + 2 * (1 - BLUE) * cb
    return torch.cat([red, (y - RED * red - BLUE * blue) / GREEN, blue], dim=1)
