"""In how many directions codes spread."""

import torch
from torch import Tensor

WIDEST = 512
"""Of codes wider than that the singular values are taken from `MOST` examples, since they cost D^3."""
MOST = 1000


def singular_values(z: Tensor) -> Tensor:
    """The singular values of centred codes z (N, D), divided by sqrt(N), descending, (min(N, D),) float64.

    Their squares are the variances along the codes' principal axes. Of codes wider than 512 numbers the first 1,000
    examples count, so that no more than 1,000 values come out.
    """
    z = z.double() if z.shape[1] <= WIDEST else z[:MOST].double()
    return torch.linalg.svdvals(z - z.mean(0)) / len(z) ** 0.5


def effective_rank(values: Tensor) -> float:
    """exp(-sum_i p_i log p_i), p_i = s_i / sum_j s_j, of singular values s (K,): between 1 and K; 0 if all are 0.

    Roy & Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007.
    """
    total = values.sum()
    return float(torch.special.entr(values / total).sum().exp()) if total > 0 else 0.0
