"""Whitening: values with next to no correlation."""

from typing import NamedTuple

import torch
from torch import Tensor

RIDGE = 0.1
"""Of the mean variance: what is added to each, so that directions with no signal are not blown up to noise."""


class Whitening(NamedTuple):
    """y = V (L + r)^(-1/2) V^T (x - mean), V L V^T the covariance of the data and r a tenth of its mean variance.

    ZCA, "zero-phase component analysis" (Bell & Sejnowski, "The independent components of natural scenes are edge
    filters", 1997): of all linear maps to uncorrelated values that which changes the pictures least, so that they still
    look like pictures. A direction of variance l comes out with variance l / (l + r): 1, but for the faintest.
    """

    mean: Tensor
    """(D,) float32"""
    matrix: Tensor
    """(D, D) float32, symmetric"""

    @classmethod
    def fit(cls, x: Tensor) -> "Whitening":
        """That of the examples x (N, *shape)."""
        flat = x.flatten(1).double()
        mean = flat.mean(0)
        variance, directions = torch.linalg.eigh((flat - mean).T @ (flat - mean) / len(flat))
        ridge = RIDGE * variance.mean().clamp(min=torch.finfo(torch.float32).tiny)
        matrix = directions * (variance.clamp(min=0) + ridge).rsqrt() @ directions.T
        return cls(mean.float(), matrix.float())

    def __call__(self, x: Tensor) -> Tensor:
        """(N, *shape) -> (N, *shape)."""
        return ((x.flatten(1) - self.mean) @ self.matrix).view_as(x)
