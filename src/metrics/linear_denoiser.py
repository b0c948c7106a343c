"""The best linear map from corrupted to clean examples: what a denoiser has to beat."""

import torch
from torch import Tensor

STRENGTHS = torch.logspace(-10, 1, 23, dtype=torch.float64)
"""Of the penalty, as shares of the mean variance of a corrupted pixel."""


class LinearDenoiser:
    """x_hat = m + (x' - m') W, fitted to pairs of clean and corrupted examples by ridge regression.

    W minimises sum ||x - m - (x' - m') W||^2 + lambda ||W||_F^2, m and m' the mean examples; that is
    W = (S + lambda I)^-1 C of the pairs' sums S = sum (x' - m')^T (x' - m') and C = sum (x' - m')^T (x - m), in double
    precision. Lambda is the one of 23, spaced evenly in its logarithm, whose map errs least on every fifth pair, fitted
    on the four others; then W is fitted to all pairs. With enough pairs it is the Wiener filter, the best of all
    linear maps in mean squared error (Wiener 1949).

    The cost grows with N d^2 + d^3 for N pairs of d numbers.

    Attributes:
        strength: lambda / N, chosen.
        n: how many pairs it was fitted to.
    """

    def __init__(self, seen: Tensor, x: Tensor) -> None:
        seen, x = seen.flatten(1), x.flatten(1)
        self.n = len(x)
        self._mean_in, self._mean_out = (part.mean(0, dtype=torch.float64) for part in (seen, x))
        held = torch.zeros(len(x), dtype=torch.bool)
        held[::5] = True
        s_held, c_held = self._sums(seen[held], x[held])
        s, c = self._sums(seen[~held], x[~held])
        fitted = max(1, int((~held).sum()))
        self.strength = _least_error(s / fitted, c / fitted, s_held, c_held)
        s, c = (s + s_held) / self.n, (c + c_held) / self.n
        self._w = torch.linalg.solve(s + self.strength * torch.eye(len(s), dtype=s.dtype), c)

    def _sums(self, seen: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """S and C of some pairs (N, d), a thousand at a time: a copy of all in double precision may not fit."""
        s = torch.zeros(seen.shape[1], seen.shape[1], dtype=torch.float64)
        c = torch.zeros(seen.shape[1], x.shape[1], dtype=torch.float64)
        for a, b in zip(seen.split(1000), x.split(1000), strict=True):
            a = a - self._mean_in
            s += a.T @ a
            c += a.T @ (b - self._mean_out)
        return s, c

    def __call__(self, seen: Tensor) -> Tensor:
        """(B, *shape) -> (B, *shape), in the type of what comes in."""
        x_hat = self._mean_out + (seen.flatten(1).double() - self._mean_in) @ self._w
        return x_hat.view(seen.shape).to(seen.dtype)


def _least_error(s: Tensor, c: Tensor, s_held: Tensor, c_held: Tensor) -> float:
    """The lambda with the least squared error on held-out pairs, less the part that is the same for all:

    tr(W^T S' W) - 2 tr(W^T C') with W = V (D + lambda)^-1 V^T C of the eigenvectors V and eigenvalues D of S.
    """
    d, v = torch.linalg.eigh(s)
    d, a = d.clamp(min=0), v.T @ c
    between, across = (v.T @ s_held @ v) * (a @ a.T), (a * (v.T @ c_held)).sum(1)
    strengths = STRENGTHS * d.mean().clamp(min=1e-30)  # examples that never change still have a solution
    shrunk = 1 / (d + strengths[:, None])
    errors = ((shrunk @ between) * shrunk).sum(1) - 2 * shrunk @ across
    return float(strengths[errors.argmin()])
