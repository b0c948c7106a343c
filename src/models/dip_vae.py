"""A VAE whose codes together have the covariance of the prior."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import PositiveInt
from src.regularizers import DiagonalCovariance, KLDivergence, OffDiagonalCovariance
from src.regularizers.code_covariance import Kind
from src.schedules import Weight


@final
class DIPVariationalAutoencoder(ReconstructionModule):
    """min E[-log p(x|z)] + KL(q(z|x) || p(z)) + off_diagonal * sum_{i != j} C_ij^2 + diagonal * sum_i (C_ii - 1)^2.

    Kumar et al., "Variational inference of disentangled latent concepts from unlabeled observations", ICLR 2018
    (DIP-VAE). C (D, D) is Cov[mean(x)] in kind "i", which the paper runs at diagonal = 10 off_diagonal, and the
    covariance of the code, Cov[mean(x)] + E[diag std(x)^2], in kind "ii", at diagonal = off_diagonal; over the batch.

    Args:
        kind: "i" or "ii".
        off_diagonal: weight of the covariances between units, logged as the term `off_diagonal`, ().
        diagonal: weight of how far the variances are from 1, logged as the term `diagonal`, ().
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        kind: Kind = "i",
        off_diagonal: Weight = 10.0,
        diagonal: Weight = 100.0,
        **parts: Unpack[Parts],
    ) -> None:
        terms = {
            "kl": KLDivergence(1.0),
            "off_diagonal": OffDiagonalCovariance(off_diagonal),
            "diagonal": DiagonalCovariance(diagonal, kind),
        }
        super().__init__(Gaussian(latent_dim), parts, terms, prior=StandardNormal(latent_dim))
