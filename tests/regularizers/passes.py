"""Passes through a model, made by hand: the codes are what a term measures."""

from typing import Any

import torch
from torch import Tensor

from src.contracts import Code, Noise, Reconstruction
from src.noise import IndexedNoise

NO_MODEL: Any = None
"""For terms that look at codes alone."""


def pass_of(z: Tensor, noise: Noise | None = None) -> Reconstruction:
    """A pass that ended in the codes z (B, ...); its random numbers are the same each time."""
    x, index = torch.zeros(len(z), 1, 1, 1), torch.arange(len(z))
    return Reconstruction(
        x=x,
        y=torch.full_like(index, -1),
        seen=x,
        kept=None,
        code=Code(z),
        hidden=(),
        raw=x,
        image=lambda raw: raw,
        noise=noise or IndexedNoise(0, index),
    )


def normal(*shape: int, seed: int = 0) -> Tensor:
    """The same standard normal numbers each time, in double precision."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
