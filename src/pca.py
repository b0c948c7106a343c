"""Principal component analysis: the linear rival that every figure stands beside."""

import math
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

EXACT_UP_TO = 4096
"""Numbers in one example up to which the covariance is decomposed exactly; above, by randomised subspace iteration."""

NUMBERS_AT_ONCE = 2**23
"""Numbers in a batch of `images_at_once`: 64 MB in double precision."""

Batches = Callable[[], Iterable[Tensor]]
"""Starts a new pass over the data: batches (B, *shape)."""


class PCA:
    """x_hat = mean + (x - mean) V V^T, the columns of V the leading eigenvectors of the covariance (Pearson 1901).

    `fit` streams over batches, so memory does not grow with their number.

    Attributes:
        mean: (inputs,) float32.
        components: (k, inputs) float32, orthonormal rows, leading first.
        exact: False where the components come from randomised subspace iteration.
    """

    def __init__(self, mean: Tensor, components: Tensor, exact: bool) -> None:
        self.mean, self.components, self.exact = mean, components, exact

    @classmethod
    def fit(cls, batches: Batches, k: int, centred: bool = True) -> "PCA":
        """The first k components (as many as there are inputs at most) of the data that `batches()` goes through.

        Not `centred`, the mean stays 0 and the components are the leading right singular vectors of the data.
        """
        mean = _mean(batches)
        if not centred:
            mean = torch.zeros_like(mean)
        k = min(k, len(mean))
        exact = len(mean) <= EXACT_UP_TO
        components = _exact(batches, mean, k) if exact else _randomised(batches, mean, k)
        return cls(mean.float(), components.float(), exact)

    def encode(self, x: Tensor) -> Tensor:
        """(B, *shape) -> (B, k)."""
        return (x.flatten(1) - self.mean) @ self.components.T

    def decode(self, z: Tensor) -> Tensor:
        """(B, k) -> (B, inputs)."""
        return self.mean + z @ self.components

    def reconstruct(self, x: Tensor) -> Tensor:
        """(B, *shape) -> (B, *shape)."""
        return self.decode(self.encode(x)).view_as(x)


def images_at_once(shape: Sequence[int]) -> int:
    """How many examples of this shape to take in a batch: large ones come fewer at a time."""
    return max(1, min(2048, NUMBERS_AT_ONCE // math.prod(shape)))


def _mean(batches: Batches) -> Tensor:
    total, count = torch.zeros(()), 0
    for x in batches():
        total = total + x.flatten(1).double().sum(0)
        count += len(x)
    return total / count


def _exact(batches: Batches, mean: Tensor, k: int) -> Tensor:
    from scipy.linalg import eigh

    covariance = torch.zeros(len(mean), len(mean), dtype=torch.float64)
    for x in batches():
        centred = x.flatten(1).double() - mean
        covariance += centred.T @ centred
    _, vectors = eigh(covariance.numpy(), subset_by_index=[len(mean) - k, len(mean) - 1])
    return torch.from_numpy(vectors.T.copy()).flip(0)


def _randomised(batches: Batches, mean: Tensor, k: int, oversampling: int = 16, passes: int = 6) -> Tensor:
    """Subspace iteration from a random start (Halko, Martinsson & Tropp 2011, algorithm 4.4), seeded."""
    width = min(k + oversampling, len(mean))
    basis = torch.randn(len(mean), width, generator=torch.Generator().manual_seed(0))
    for _ in range(passes):
        basis = torch.linalg.qr(_times_covariance(batches, mean, basis))[0]
    projected = basis.T @ _times_covariance(batches, mean, basis)
    _, vectors = torch.linalg.eigh((projected + projected.T) / 2)
    return (basis @ vectors).T.flip(0)[:k]


def _times_covariance(batches: Batches, mean: Tensor, basis: Tensor) -> Tensor:
    product = torch.zeros_like(basis)
    for x in batches():
        centred = x.flatten(1) - mean.float()
        product += centred.T @ (centred @ basis)
    return product


def principal_angle(a: Tensor, b: Tensor) -> float:
    """The largest angle in degrees between the row spaces of a and b, (k, inputs) each (Björck & Golub 1973).

    By the sine, ||(I - P_a) Q_b||, which unlike the cosine is exact for small angles.
    """
    q_a, q_b = (torch.linalg.qr(m.double().T)[0] for m in (a, b))
    sine = torch.linalg.matrix_norm(q_b - q_a @ (q_a.T @ q_b), ord=2).clamp(max=1)
    return float(torch.rad2deg(torch.asin(sine)))
