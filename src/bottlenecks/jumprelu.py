"""The code whose units each have a threshold of their own."""

import math

import torch
from torch import Tensor, nn

from src.bottlenecks.sparse import Sparse
from src.contracts import SparseCode, full_precision

_PACE = 10.0
"""How far the logarithm of a threshold moves at a step, against a weight: Adam's steps are as small for it as for them,
and from a start that keeps every unit alive it has to grow tenfold and more."""


class JumpReLU(Sparse):
    """z_j = f_j where f_j > t_j, else 0, of features f rectified; the thresholds t > 0 are learned.

    A step has no slope, so the thresholds learn from estimates: dz_j / dt_j = -(t_j / width) K, and of whether a unit
    is awake -(1 / width) K, where K is 1 for features within width / 2 of their threshold and 0 elsewhere. Features
    learn from what is exact (Rajamanoharan et al. 2024).

    Args:
        threshold: what the thresholds start from.
        bandwidth: the width, in the units of the features.
        dead_after: a unit that no training image has woken for so many images counts as dead.
    """

    code_range = (0.0, float("inf"))

    def __init__(self, latent_dim: int, threshold: float, bandwidth: float, dead_after: int) -> None:
        super().__init__(latent_dim, dead_after)
        self.bandwidth = bandwidth
        self.log_threshold = nn.Parameter(torch.full((latent_dim,), math.log(threshold) / _PACE))

    @property
    def threshold(self) -> Tensor:
        """t, (D,)"""
        return (_PACE * full_precision(self.log_threshold)).exp()

    def forward(self, features: Tensor) -> SparseCode:
        f, t = full_precision(features).relu(), self.threshold
        awake = (f > t).to(f.dtype)
        near = (((f - t) / self.bandwidth).abs() < 0.5).to(f.dtype)
        # A zero with the slope of the estimates: unlike a function with a backward of its own, torch.func can map over
        # it and push tangents through it.
        slope = -near / self.bandwidth * (t - t.detach())
        return SparseCode(f * awake + t.detach() * slope, f, awake + slope, self.units.dead)
