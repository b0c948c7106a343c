"""How far the units of a code are from independent."""

import torch
from torch import Tensor

from src.contracts import Noise
from src.ranges import OpenFraction
from src.regularizers.over_batch import OverBatch
from src.schedules import Weight

TINY = 1e-10
"""Variance below which a unit counts as constant, and so as independent of the others."""


class TotalCorrelation(OverBatch):
    """Gaussian total correlation -log det((1 - noise) R + noise I) / 2 in nats, R (D, D) the code's correlations, ().

    Watanabe, "Information theoretical analysis of multivariate correlation", IBM Journal of Research and Development
    1960: KL(q(z) || prod_j q(z_j)), here of the normal distribution with the batch's covariance C, which is
    (sum_j log C_jj - log det C) / 2. So it sees linear dependence only, whatever the scale of each unit. R is singular
    where D >= B: therefore each unit is taken with independent noise, worth the share `noise` of its variance, which
    bounds the term by D * log(1 / noise) / 2. From B independent codes it is too large by about D (D - 1) / (4 B). One
    image has total correlation 0.

    Args:
        noise: share of each unit's variance that is taken to be independent noise.
    """

    def __init__(self, weight: Weight, noise: OpenFraction = 0.01) -> None:
        super().__init__(weight)
        self.noise = noise

    def measure(self, z: Tensor, noise: Noise) -> Tensor:
        centred = z - z.mean(0)
        variances = centred.square().mean(0)
        units = centred * (variances + TINY).rsqrt()  # a constant unit stays 0 and keeps 1 on R's diagonal
        diagonal = self.noise + (1 - self.noise) * TINY / (variances + TINY)
        units = units * ((1 - self.noise) / (len(z) * diagonal)).sqrt()
        # det(diag(d) + U'U) = prod(d) det(I + U'U) = prod(d) det(I + UU'), U by columns over sqrt(d): the smaller one
        product = units.T @ units if z.shape[1] <= len(z) else units @ units.T
        log_det = torch.linalg.slogdet(product + torch.eye(len(product)).to(product)).logabsdet
        return -0.5 * (log_det + diagonal.log().sum())
