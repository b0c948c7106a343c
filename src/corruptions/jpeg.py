"""What JPEG loses."""

import math
from typing import Annotated

import torch
from annotated_types import Interval
from torch import Tensor
from torch.nn import functional as F

from src.contracts import Noise, full_precision
from src.corruptions.base import Corruption, finite_ends
from src.corruptions.colour import to_rgb, to_ycbcr
from src.corruptions.strength import Strength
from src.ranges import ValueRange
from src.schedules import Schedule

Quality = Annotated[float, Interval(ge=1, le=100)]

_LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMINANCE = (
    (17, 18, 24, 47, *[99] * 4),
    (18, 21, 26, 66, *[99] * 4),
    (24, 26, 56, 99, *[99] * 4),
    (47, 66, *[99] * 6),
    *[[99] * 8] * 4,
)
"""Steps for rows of vertical and columns of horizontal frequencies at quality 50: Annex K of ITU-T T.81 (1992)."""


class Jpeg(Corruption):
    """The discrete cosine transform of blocks of 8 x 8 pixels, rounded to the steps that JPEG takes at a quality.

    The lossy step only: nothing is packed and unpacked, colour is kept at full resolution (4:4:4) and nothing is
    rounded to whole grey levels, before or after. The steps are the standard's tables scaled as libjpeg does. Images of
    3 channels go through luma and two colour differences (the latter with the table for chrominance), any others each
    channel by itself. Edges are continued to whole blocks. There is no randomness in it.

    Args:
        quality: from 1 to 100, as libjpeg counts, a number or a schedule.
        range: the values that stand for the grey levels 0 and 255.

    Raises:
        UserError: the values have no ends.
    """

    config_name = "jpeg"
    works_on = (3,)
    tables: Tensor
    """(2, 8, 8) int64: of luminance and of chrominance at quality 50."""

    def __init__(self, quality: Quality | Schedule, range: ValueRange | None) -> None:
        super().__init__()
        self.low, self.high = finite_ends(range, self.config_name, "counts from the lowest to the highest value")
        self.quality = Strength("corruption.jpeg.quality", quality, low=1, high=100)
        # whole numbers, which stay exact in a model of half precision
        self.register_buffer("tables", torch.tensor([_LUMINANCE, _CHROMINANCE]), persistent=False)

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        to_levels = 255 / (self.high - self.low)
        levels = (full_precision(x) - self.low) * to_levels - 128
        levels = to_rgb(self._rounded(to_ycbcr(levels))) if x.shape[1] == 3 else self._rounded(levels)
        return ((levels + 128) / to_levels + self.low).clamp(self.low, self.high).to(x.dtype), None

    def _rounded(self, levels: Tensor) -> Tensor:
        """Grey levels about 0 after their coefficients were rounded, (B, C, H, W)."""
        height, width = levels.shape[-2:]
        padded = F.pad(levels, (0, -width % 8, 0, -height % 8), mode="replicate")
        blocks = padded.unflatten(3, (-1, 8)).unflatten(2, (-1, 8)).transpose(3, 4)  # (B, C, rows, columns, 8, 8)
        dct = _dct(levels)
        with torch.autocast(levels.device.type, enabled=False):
            coefficients = blocks.flatten(4) @ dct.T
            steps = self._steps(levels)
            # a hair over half: of a tie, which flat areas often are, rounding errors must not decide
            counts = coefficients.sign() * (coefficients.abs() / steps + 0.5 + 1e-4).floor()
            back = ((counts * steps) @ dct).view(blocks.shape)
        return back.transpose(3, 4).flatten(4, 5).flatten(2, 3)[..., :height, :width]

    def _steps(self, levels: Tensor) -> Tensor:
        """The steps at the present quality, whole numbers from 1 to 255, (C, 1, 1, 64)."""
        luminance, chrominance = self.tables.to(levels.dtype)
        tables = torch.stack([luminance, chrominance, chrominance] if levels.shape[1] == 3 else [luminance])
        quality = torch.as_tensor(self.quality.now, device=levels.device).to(levels.dtype)
        percent = torch.where(quality < 50, (5000 / quality).floor(), 200 - 2 * quality)
        return ((tables * percent + 50) / 100).floor().clamp(1, 255).view(-1, 1, 1, 64)


def _dct(like: Tensor) -> Tensor:
    """The orthonormal cosine transform of 8 x 8 numbers, (64 frequencies, 64 places), both row by row."""
    n = torch.arange(8, device=like.device, dtype=like.dtype)
    waves = torch.cos(math.pi / 8 * n[:, None] * (n + 0.5)) / 2
    line = torch.where(n[:, None] == 0, math.sqrt(1 / 8), waves)
    return torch.kron(line, line)
