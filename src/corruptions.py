"""Corruptions: what a denoising model's encoder sees instead of the clean image.

A corruption maps x (B, C, ...) to (corrupted x, kept): `kept` is a boolean mask, False where a pixel was replaced
outright, or None where every pixel still carries its signal. The target stays clean. Corruptions chain.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from src.contracts import Noise
from src.errors import UserError
from src.ranges import UNBOUNDED, Fraction, NonNegativeFloat, ValueRange, blank, ends


class Corruption(nn.Module, ABC):
    """A random map on images."""

    @abstractmethod
    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor | None]:
        """The corrupted images, shaped as x, and which pixels were kept (or None)."""


class Chain(Corruption):
    """Several corruptions, one after another; a pixel is kept where each of them kept it."""

    def __init__(self, corruptions: Sequence[Corruption]) -> None:
        super().__init__()
        self.corruptions = nn.ModuleList(corruptions)

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor | None]:
        kept: Tensor | None = None
        for corruption in self.corruptions:
            x, mask = corruption(x, noise)
            if mask is not None:
                kept = mask if kept is None else kept & mask
        return x, kept


class GaussianNoise(Corruption):
    """x + std * eps, eps ~ N(0, I), by default clipped to the data's range.

    Args:
        std: in the units of the pixels.
        range: the lowest and the highest value of a pixel; None where there are none, and nothing is clipped.
        clip: keep the noisy pixels within the range.
    """

    def __init__(self, std: NonNegativeFloat, range: ValueRange | None, clip: bool = True) -> None:
        super().__init__()
        self.std, self.clip = std, clip
        self.low, self.high = ends(range)

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        noisy = x + self.std * noise.normal(x)
        return (noisy.clamp(self.low, self.high) if self.clip else noisy), None


class Masking(Corruption):
    """Each pixel is set to the lowest value with probability `fraction`, in all channels (Vincent et al. 2008).

    Values without ends are set to 0, the mean of a standardised column.
    """

    def __init__(self, fraction: Fraction, range: ValueRange | None) -> None:
        super().__init__()
        self.fraction, self.blank = fraction, blank(ends(range))

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        kept = _by_pixel(noise, x) >= self.fraction
        return torch.where(kept, x, self.blank), kept


class SaltAndPepper(Corruption):
    """Each pixel is replaced with probability `fraction`, by the lowest or the highest value with even chances.

    Raises:
        UserError: the values have no ends.
    """

    def __init__(self, fraction: Fraction, range: ValueRange | None) -> None:
        super().__init__()
        if ends(range) == UNBOUNDED:
            raise UserError(
                "corruption=salt_and_pepper puts the lowest and the highest value in, and data.range=null has neither. "
                "Use corruption=masking or corruption=gaussian."
            )
        self.fraction = fraction
        self.low, self.high = ends(range)

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        u = _by_pixel(noise, x)
        corrupted = torch.where(u < self.fraction / 2, self.low, torch.where(u < self.fraction, self.high, x))
        return corrupted, u >= self.fraction


def _by_pixel(noise: Noise, x: Tensor) -> Tensor:
    """One uniform number for each pixel, the same in all its channels; of a table (B, features), one for each cell."""
    return noise.uniform(x[:, :1]).expand_as(x) if x.dim() > 2 else noise.uniform(x)
