"""Kernels between codes: how alike two codes are, at scales that suit a standard normal prior.

Two codes drawn from N(0, I) in D dimensions are sqrt(2 D) apart, so the width of a kernel grows with D and needs no
dial.
"""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

Kernel = Literal["rbf", "imq"]
SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """||a_i - b_j||^2 of codes a (n, D) and b (m, D), (n, m)."""
    return a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T


def rbf(a: Tensor, b: Tensor) -> Tensor:
    """exp(-||a_i - b_j||^2 / (2 D)) of codes a (n, D) and b (m, D), (n, m)."""
    return (-squared_distances(a, b) / (2 * a.shape[1])).exp()


def imq(a: Tensor, b: Tensor) -> Tensor:
    """sum_s C_s / (C_s + ||a_i - b_j||^2), C_s = 2 D s for s in 0.1 ... 10, of codes a (n, D) and b (m, D), (n, m).

    The inverse multiquadratics of Tolstikhin et al., "Wasserstein auto-encoders", ICLR 2018: heavier tails than `rbf`,
    so that codes far from the prior feel it too.
    """
    distances = squared_distances(a, b)
    return torch.stack([(c := 2 * a.shape[1] * scale) / (c + distances) for scale in SCALES]).sum(0)


KERNELS: dict[Kernel, Callable[[Tensor, Tensor], Tensor]] = {"rbf": rbf, "imq": imq}
