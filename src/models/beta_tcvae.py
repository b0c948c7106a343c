"""A VAE that pays extra for units that depend on each other."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import PositiveInt
from src.regularizers import AggregatePosterior, Dependence, DimensionWiseKL, MutualInformation
from src.regularizers.aggregate_posterior import Sampling
from src.schedules import Weight


@final
class BetaTCVariationalAutoencoder(ReconstructionModule):
    """min E[-log p(x|z)] + alpha * I(x; z) + beta * KL(q(z) || prod_d q(z_d)) + gamma * sum_d KL(q(z_d) || p(z_d)).

    Chen et al., "Isolating sources of disentanglement in variational autoencoders", NeurIPS 2018 (beta-TCVAE). With all
    three weights at 1 it is the VAE, its divergence by a sample of z. q(z) = sum_n q(z|x_n) / N over the N training
    images is estimated from each batch. Log densities, (B, B, D) numbers, are held at once.

    Args:
        alpha: weight of what a code tells of which image it is, logged as `mutual_information`, (B,) in nats.
        beta: weight of the dependence between units, logged as `total_correlation`, likewise.
        gamma: weight of each unit's own distance from the prior, logged as `dimension_wise_kl`, likewise.
        sampling: how q(z) is estimated, "stratified" (unbiased) or "weighted", see `AggregatePosterior`.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        alpha: Weight = 1.0,
        beta: Weight = 6.0,
        gamma: Weight = 1.0,
        sampling: Sampling = "stratified",
        **parts: Unpack[Parts],
    ) -> None:
        aggregate = AggregatePosterior(sampling)
        terms = {
            "mutual_information": MutualInformation(alpha, aggregate),
            "total_correlation": Dependence(beta, aggregate),
            "dimension_wise_kl": DimensionWiseKL(gamma, aggregate),
        }
        super().__init__(Gaussian(latent_dim), parts, terms, prior=StandardNormal(latent_dim))
