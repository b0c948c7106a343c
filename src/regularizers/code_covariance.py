"""The covariance of a stochastic code over the batch, drawn to that of the prior."""

from typing import Literal

import torch
from torch import Tensor

from src.contracts import Autoencoding, GaussianCode, Reconstruction, full_precision
from src.regularizers.base import Regularizer
from src.schedules import Weight

Kind = Literal["i", "ii"]


class OffDiagonalCovariance(Regularizer):
    """sum_{i != j} C_ij^2, C = Cov[mean(x)] (D, D) over the batch (divided by B), ().

    Kumar et al., "Variational inference of disentangled latent concepts from unlabeled observations", ICLR 2018. Each
    posterior's own covariance is diagonal, so off the diagonal DIP-VAE-I and II are the same. The batch is one
    process's.
    """

    needs = GaussianCode

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        assert isinstance(out.code, GaussianCode)
        mean = full_precision(out.code.mean)
        with torch.autocast(mean.device.type, enabled=False):  # it would multiply matrices in half precision
            centred = mean - mean.mean(0)
            covariance = centred.T @ centred / len(mean)
        return (covariance - covariance.diagonal().diag()).square().sum()


class DiagonalCovariance(Regularizer):
    """sum_i (C_ii - 1)^2, (), over the batch: each unit's variance is drawn to that of the prior.

    Kumar et al. 2018, as above. C_ii is the variance of mean_i(x) in DIP-VAE-I, and of the code itself in DIP-VAE-II,
    with the mean of std_i(x)^2 added.

    Args:
        kind: "i" or "ii".
    """

    needs = GaussianCode

    def __init__(self, weight: Weight, kind: Kind = "i") -> None:
        super().__init__(weight)
        self.kind = kind

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        assert isinstance(out.code, GaussianCode)
        mean, std = full_precision(out.code.mean), full_precision(out.code.std)
        variance = (mean - mean.mean(0)).square().mean(0)
        if self.kind == "ii":
            variance = variance + std.square().mean(0)
        return (variance - 1).square().sum()
