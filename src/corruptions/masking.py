"""Values that are lost."""

import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption, by_pixel
from src.corruptions.strength import Strength
from src.ranges import Fraction, ValueRange, blank, ends
from src.schedules import Schedule


class Masking(Corruption):
    """Each pixel is set to the lowest value with probability `fraction`, in all channels (Vincent et al. 2008).

    Values without ends are set to 0, the mean of a standardised column.

    Args:
        fraction: a number or a schedule.
        range: the lowest and the highest value; None where there are none.
    """

    config_name = "masking"

    def __init__(self, fraction: Fraction | Schedule, range: ValueRange | None) -> None:
        super().__init__()
        self.fraction, self.blank = Strength("corruption.masking.fraction", fraction, high=1), blank(ends(range))

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        kept = by_pixel(noise, x) >= self.fraction.now
        return torch.where(kept, x, self.blank), kept
