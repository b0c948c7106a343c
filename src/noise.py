"""Random numbers for corruptions and stochastic codes: fresh in training, repeatable by image everywhere else.

`IndexedNoise` is a counter-based generator: number j of image i follows from (seed, draw, i, j) alone, by the finaliser
of SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014). So an image meets the same
noise in every epoch, whatever the batch size, the order, the device or the number of processes.
"""

import math

import torch
from torch import Tensor

_GOLDEN = -0x61C8864680B583EB  # 0x9E3779B97F4A7C15 as a signed 64-bit number: torch has no unsigned arithmetic
_MIX_1 = -0x40A7B892E31B1A47  # 0xBF58476D1CE4E5B9
_MIX_2 = -0x6B2FB644ECCEEE15  # 0x94D049BB133111EB


def _shift(h: Tensor, bits: int) -> Tensor:
    """A logical right shift: torch's own `>>` on int64 drags the sign along."""
    return (h >> bits) & ((1 << (64 - bits)) - 1)


def _mix(h: Tensor) -> Tensor:
    h = (h ^ _shift(h, 30)) * _MIX_1
    h = (h ^ _shift(h, 27)) * _MIX_2
    return h ^ _shift(h, 31)


class FreshNoise:
    """Noise from torch's global generator, which the training loop seeds anew each epoch."""

    def uniform(self, like: Tensor) -> Tensor:
        """Uniform on [0, 1), shaped as `like`."""
        return torch.rand_like(like)

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal, shaped as `like`."""
        return torch.randn_like(like)


class IndexedNoise:
    """Noise that belongs to (seed, image index); each further draw from one instance is independent of the last.

    Args:
        seed: any whole number.
        index: (B,) int64, the place of each image in its set.
    """

    def __init__(self, seed: int, index: Tensor) -> None:
        # the seed is mixed by itself first: a plain sum would give image i + 1 of one seed to image i of the next
        start = _mix(torch.tensor(_signed(seed * 0xD1342543DE82EF95 + 1))).to(index.device)
        self._rows = _mix(_mix(index.long() * _GOLDEN + start))
        self._draws = 0

    def uniform(self, like: Tensor) -> Tensor:
        """Uniform on (0, 1) with 24 bits (fewer where the type has fewer), shaped as `like` (B, ...)."""
        limits = torch.finfo(like.dtype)  # half precision would round the ends to 0 and 1
        return self._uniform(like).to(like.dtype).clamp(limits.tiny, 1 - limits.eps / 2)

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal by inversion, shaped as `like` (B, ...)."""
        return (math.sqrt(2) * torch.erfinv(2 * self._uniform(like) - 1)).to(like.dtype)

    def _uniform(self, like: Tensor) -> Tensor:
        self._draws += 1
        per_image = like[0].numel() if len(like) else 0
        columns = torch.arange(1, per_image + 1, device=like.device) * _GOLDEN
        bits = _mix(_mix(self._rows.to(like.device) + _signed(self._draws * 0xD1342543DE82EF95))[:, None] + columns)
        # the middle of 2^24 cells: neither 0 nor 1 occurs, so a normal is always finite
        return (_shift(bits, 40).float() * 2**-24 + 2**-25).clamp(max=1 - 2**-24).view(like.shape)


def _signed(n: int) -> int:
    """A Python number wrapped into the range of int64."""
    return (n + 2**63) % 2**64 - 2**63
