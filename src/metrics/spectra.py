"""In how many directions codes spread."""

import torch
from torch import Tensor


def singular_values(z: Tensor) -> Tensor:
    """The singular values of centred codes z (N, D), divided by sqrt(N), descending, (min(N, D),) float64.

    Their squares are the variances along the codes' principal axes. The time grows with N D min(N, D).
    """
    z = z.double()
    return torch.linalg.svdvals(z - z.mean(0)) / len(z) ** 0.5


def effective_rank(values: Tensor) -> float:
    """exp(-sum_i p_i log p_i), p_i = s_i / sum_j s_j, of singular values s (K,): between 1 and K; 0 if all are 0.

    Roy & Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007.
    """
    total = values.sum()
    return float(torch.special.entr(values / total).sum().exp()) if total > 0 else 0.0
