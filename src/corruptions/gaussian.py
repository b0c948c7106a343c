"""Additive normal noise."""

from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption
from src.corruptions.strength import Strength
from src.ranges import ValueRange, ends
from src.schedules import Weight


class GaussianNoise(Corruption):
    """x + std * eps, eps ~ N(0, I), by default clipped to the data's range.

    Args:
        std: in the units of the values, a number or a schedule.
        range: the lowest and the highest value; None where there are none, and nothing is clipped.
        clip: keep the noisy values within the range.
    """

    config_name = "gaussian"

    def __init__(self, std: Weight, range: ValueRange | None, clip: bool = True) -> None:
        super().__init__()
        self.std, self.clip = Strength("corruption.gaussian.std", std), clip
        self.low, self.high = ends(range)

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        noisy = x + self.std.now * noise.normal(x)
        return (noisy.clamp(self.low, self.high) if self.clip else noisy), None
