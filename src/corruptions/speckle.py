"""Noise that grows with the signal."""

from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption
from src.corruptions.strength import Strength
from src.ranges import ValueRange, blank, ends
from src.schedules import Weight


class Speckle(Corruption):
    """low + (x - low) * (1 + std * eps), eps ~ N(0, I): noise in proportion to the signal, as of radar or ultrasound.

    `low` is the lowest value, or 0 where values have no ends; black stays black.

    Args:
        std: as a share of the signal, a number or a schedule.
        range: the lowest and the highest value; None where there are none, and nothing is clipped.
        clip: keep the noisy values within the range.
    """

    config_name = "speckle"

    def __init__(self, std: Weight, range: ValueRange | None, clip: bool = True) -> None:
        super().__init__()
        self.std, self.clip = Strength("corruption.speckle.std", std), clip
        self.low, self.high = ends(range)
        self.blank = blank((self.low, self.high))

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        noisy = x + (x - self.blank) * (self.std.now * noise.normal(x))
        return (noisy.clamp(self.low, self.high) if self.clip else noisy), None
