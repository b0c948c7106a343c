"""Pictures of single shapes, drawn with soft edges from their signed distance, many at a time."""

import math

import torch
from torch import Tensor

KINDS = ("square", "ellipse", "triangle")
SYMMETRY = (math.pi / 2, math.pi, 2 * math.pi / 3)
"""The turn, in radians, that brings each kind onto itself."""
CHUNK_PIXELS = 2**20
"""Pixels drawn at once, so that memory does not grow with the number of pictures."""


def draw(factors: dict[str, Tensor], shape: tuple[int, int, int]) -> Tensor:
    """Pictures (N, C, H, W) uint8 of one shape each on black: white where C is 1, in its hue where C is 3.

    Args:
        factors: (N,) each: `kind`, an index of KINDS; `x` and `y`, the centre as a share of width and height, from the
            upper left; `scale`, the radius of the circle around the shape as a share of the shorter side; `rotation` in
            radians, clockwise as it is seen; with three channels also `hue` in [0, 1).
        shape: (C, H, W), any height and width.
    """
    channels, height, width = shape
    pictures = torch.empty(len(factors["kind"]), *shape, dtype=torch.uint8)
    size = max(CHUNK_PIXELS // (height * width), 1)
    for start in range(0, len(pictures), size):
        chunk = {name: values[start : start + size] for name, values in factors.items()}
        light = _coverage(chunk, height, width)[:, None].expand(-1, channels, -1, -1)
        if channels == 3:
            light = light * hue_to_rgb(chunk["hue"])[:, :, None, None]
        pictures[start : start + size] = (255 * light).round_().to(torch.uint8)
    return pictures


def hue_to_rgb(hue: Tensor) -> Tensor:
    """The full colour (N, 3) in [0, 1] of hue (N,) in [0, 1): red, yellow, green, cyan, blue, magenta, red."""
    towards = (hue[:, None] * 6 + torch.tensor([0.0, 4.0, 2.0])) % 6
    return ((towards - 3).abs() - 1).clamp(0, 1)


def _coverage(factors: dict[str, Tensor], height: int, width: int) -> Tensor:
    """How much of each pixel the shape covers, (N, H, W) in [0, 1]: its edge is one pixel wide."""
    across, down = _turned_pixels(factors, height, width)
    radius = factors["scale"][:, None, None] * min(height, width)
    distance = torch.empty_like(across)
    for kind, signed_distance in enumerate((_square, _ellipse, _triangle)):
        rows = (factors["kind"] == kind).nonzero()[:, 0]
        distance[rows] = signed_distance(across[rows], down[rows], radius[rows])
    return (0.5 - distance).clamp_(0, 1)


def _turned_pixels(factors: dict[str, Tensor], height: int, width: int) -> tuple[Tensor, Tensor]:
    """The middle of each pixel, in pixels from the shape's centre and along its own two axes, (N, H, W) each."""
    x = torch.arange(width) + 0.5 - factors["x"][:, None] * width
    y = torch.arange(height) + 0.5 - factors["y"][:, None] * height
    cos, sin = factors["rotation"].cos()[:, None], factors["rotation"].sin()[:, None]
    across = (cos * x)[:, None, :] + (sin * y)[:, :, None]
    down = (cos * y)[:, :, None] - (sin * x)[:, None, :]
    return across, down


def _square(across: Tensor, down: Tensor, radius: Tensor) -> Tensor:
    return torch.maximum(across.abs(), down.abs()) - radius / math.sqrt(2)


def _triangle(across: Tensor, down: Tensor, radius: Tensor) -> Tensor:
    """Equilateral: the two slanting sides mirror each other."""
    slanted = math.sqrt(3) / 2 * across.abs() - down / 2
    return torch.maximum(down, slanted) - radius / 2


def _ellipse(across: Tensor, down: Tensor, radius: Tensor) -> Tensor:
    """Half as high as wide; the distance to first order, f / |grad f|, exact at the edge where it is seen."""
    p, q = across / radius, 2 * down / radius
    level = torch.hypot(p, q).clamp(min=1e-6)  # the centre lies inside too
    slope = torch.hypot(p, 2 * q) / radius
    return level * (level - 1) / slope.clamp(min=1e-6)
