"""Shot noise: light is counted."""

import math

import torch
from torch import Tensor

from src.contracts import Noise, full_precision
from src.corruptions.base import Corruption, finite_ends
from src.corruptions.strength import Strength
from src.ranges import PositiveFloat, ValueRange
from src.schedules import Schedule

_SMALL = 4.0
"""Rates from which on the expansion for large rates is wrong, by 1, for fewer than 1 count in 300."""
_TERMS = 22
"""P(count >= 22) is 5e-10 at a rate of 4."""


class PoissonNoise(Corruption):
    """count / photons, count ~ Poisson(photons * brightness), brightness from 0 (lowest value) to 1 (highest).

    Its mean is the clean image, its variance brightness / photons: bright pixels are the noisier ones. Each channel is
    counted by itself.

    Args:
        photons: how many the brightest pixel gets on average, a number or a schedule; the fewer, the noisier.
        range: the lowest and the highest value.
        clip: keep the noisy values within the range; without it their mean is exact.

    Raises:
        UserError: the values have no ends.
    """

    config_name = "poisson"

    def __init__(self, photons: PositiveFloat | Schedule, range: ValueRange | None, clip: bool = True) -> None:
        super().__init__()
        self.low, self.high = finite_ends(range, self.config_name, "counts light from the lowest to the highest value")
        self.photons, self.clip = Strength("corruption.poisson.photons", photons, positive=True), clip

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        exact, width = full_precision(x), self.high - self.low
        rate = self.photons.now * ((exact - self.low) / width).clamp(min=0)
        noisy = (self.low + width * poisson(rate, noise.uniform(exact)) / self.photons.now).to(x.dtype)
        return (noisy.clamp(self.low, self.high) if self.clip else noisy), None


def poisson(rate: Tensor, u: Tensor) -> Tensor:
    """The counts at which the distribution function of Poisson(rate) reaches u, both shaped alike.

    torch draws such counts from a generator only, and noise that belongs to an image comes as uniform numbers.
    """
    return torch.where(rate < _SMALL, _few(rate.clamp(max=_SMALL), u), _many(rate.clamp(min=_SMALL), u))


def _few(rate: Tensor, u: Tensor) -> Tensor:
    """By adding up exp(rate) times the probabilities of 0, 1, 2, ..., which are rate^k / k!."""
    # rounding errors of the sum must not leave the largest u above it for ever
    goal = u.clamp(max=1 - 2**-19) * rate.exp()
    power, below, count = torch.ones_like(rate), torch.ones_like(rate), torch.zeros_like(rate)
    for k in range(1, _TERMS):
        count += goal > below
        power = (power * rate).clamp(min=1e-30)  # arithmetic on still smaller numbers is slow
        below.add_(power, alpha=1 / math.factorial(k))
    return count


def _many(rate: Tensor, u: Tensor) -> Tensor:
    """Giles, "Algorithm 955: approximation of the inverse Poisson cumulative distribution function", ACM TOMS 2016."""
    bits = 2.0**-25  # fresh noise may be 0
    w = math.sqrt(2) * torch.erfinv(2 * u.clamp(bits, 1 - bits) - 1)
    root, w2 = rate.sqrt(), w * w
    half = w * (2 + w2) / (72 * root)
    whole = (-8 / 405 + w2 * (7 / 810 + w2 / 270)) / rate
    return (rate + root * w + (1 / 3 + w2 / 6) - half + whole).floor().clamp(min=0)
