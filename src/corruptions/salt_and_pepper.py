"""Values that jump to an end of their range."""

import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption, by_pixel, finite_ends
from src.corruptions.strength import Strength
from src.ranges import Fraction, ValueRange
from src.schedules import Schedule


class SaltAndPepper(Corruption):
    """Each pixel is replaced with probability `fraction`, by the lowest or the highest value with even chances.

    Args:
        fraction: a number or a schedule.
        range: the lowest and the highest value.

    Raises:
        UserError: the values have no ends.
    """

    config_name = "salt_and_pepper"

    def __init__(self, fraction: Fraction | Schedule, range: ValueRange | None) -> None:
        super().__init__()
        self.low, self.high = finite_ends(range, self.config_name, "puts the lowest and the highest value in")
        self.fraction = Strength("corruption.salt_and_pepper.fraction", fraction, high=1)

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        u, fraction = by_pixel(noise, x), self.fraction.now
        corrupted = torch.where(u < fraction / 2, self.low, torch.where(u < fraction, self.high, x))
        return corrupted, u >= fraction
