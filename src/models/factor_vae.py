"""A VAE whose units a critic holds to be independent."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.models.base import Parts, ReconstructionModule
from src.networks.critics import MlpCritic
from src.priors import StandardNormal
from src.ranges import PositiveFloat, PositiveInt
from src.regularizers import DensityRatio, KLDivergence
from src.schedules import Weight


@final
class FactorVariationalAutoencoder(ReconstructionModule):
    """min E[-log p(x|z)] + KL(q(z|x) || p(z)) + gamma * KL(q(z) || prod_d q(z_d)), the last as a critic measures it.

    Kim & Mnih, "Disentangling by factorising", ICML 2018 (FactorVAE). The critic tells codes from codes with each unit
    permuted by itself; its own loss is logged as `critic`: 2 log 2 = 1.386 nats where it can tell nothing. How well it
    measures changes as it learns, so there is no figure that tells the best epoch, and the last is it.

    Args:
        gamma: weight of the total correlation, logged as the term `total_correlation`, (B,) in nats.
        critic: units of each hidden layer of the critic; 6 layers of 1,000 in the paper.
        critic_rate: its learning rate; None for that of the model, from which codes run away to where it errs.
    """

    selection_metric = None

    def __init__(
        self,
        latent_dim: PositiveInt,
        gamma: Weight = 10.0,
        critic: list[PositiveInt] | None = None,
        critic_rate: PositiveFloat | None = 3e-4,
        **parts: Unpack[Parts],
    ) -> None:
        judge = MlpCritic(latent_dim, [256, 256] if critic is None else critic)
        terms = {"kl": KLDivergence(1.0), "total_correlation": DensityRatio(gamma, judge, rate=critic_rate)}
        super().__init__(Gaussian(latent_dim), parts, terms, prior=StandardNormal(latent_dim))
