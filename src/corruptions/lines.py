"""Scratches."""

from typing import Literal

import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption, finite_ends
from src.corruptions.strength import Strength
from src.ranges import PositiveFloat, PositiveInt, ValueRange
from src.schedules import Schedule


class Lines(Corruption):
    """`n` straight scratches an image, each between two random points of it, replace the pixels that they cross.

    A pixel is crossed where its middle is no farther than half of `width` from the line.

    Args:
        n: scratches an image.
        width: of a scratch in pixels, a number or a schedule.
        range: the lowest and the highest value.
        colour: of the scratches: "white" is the highest value, "black" the lowest; "either", each with even chances.

    Raises:
        UserError: the values have no ends.
    """

    config_name = "lines"
    works_on = (3,)

    def __init__(
        self,
        n: PositiveInt,
        range: ValueRange | None,
        width: PositiveFloat | Schedule = 1.0,
        colour: Literal["white", "black", "either"] = "white",
    ) -> None:
        super().__init__()
        self.low, self.high = finite_ends(range, self.config_name, "draws in the lowest or the highest value")
        self.n, self.colour = n, colour
        self.width = Strength("corruption.lines.width", width)

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        u = noise.uniform(x.new_empty((len(x), self.n, 5)).float())
        colour = {"white": torch.ones_like(u[..., 4]), "black": torch.zeros_like(u[..., 4])}.get(self.colour, u[..., 4])
        crossed = torch.zeros_like(x[:, :1], dtype=torch.bool)
        for i in range(self.n):  # one after another: all at once would take n times the memory
            here = self._crossed(u[:, i, :4], x)[:, None]
            white = (colour[:, i] >= 0.5).view(-1, 1, 1, 1)
            x = torch.where(here, torch.where(white, self.high, self.low).to(x.dtype), x)
            crossed = crossed | here
        return x, ~crossed.expand_as(x)

    def _crossed(self, points: Tensor, x: Tensor) -> Tensor:
        """The pixels (B, H, W) that the line between two points, (B, 4) as shares of height and width, crosses."""
        height, width = x.shape[-2:]
        rows = torch.arange(height, device=x.device)[:, None] + 0.5
        columns = torch.arange(width, device=x.device) + 0.5
        y0, x0, y1, x1 = ((points * points.new_tensor([height, width] * 2)).T)[:, :, None, None]
        dy, dx = y1 - y0, x1 - x0
        along = ((rows - y0) * dy + (columns - x0) * dx) / (dy**2 + dx**2).clamp(min=1e-12)
        along = along.clamp(0, 1)
        sq_distance = (rows - y0 - along * dy) ** 2 + (columns - x0 - along * dx) ** 2
        return sq_distance <= (self.width.now / 2) ** 2
