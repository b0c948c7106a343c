"""The variational autoencoder."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import PositiveInt
from src.regularizers import KLDivergence
from src.schedules import Weight


@final
class VariationalAutoencoder(ReconstructionModule):
    """min E_{q(z|x)}[-log p(x|z)] + beta * KL(q(z|x) || N(0, I)), q(z|x) = N(mean(x), diag std(x)^2).

    Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014. With loss=bce on black-and-white pixels and beta 1
    the loss is the negative evidence lower bound in nats; loss=mse is a Gaussian decoder of variance 1/2, up to a
    constant. beta > 1 is Higgins et al., "beta-VAE", ICLR 2017.

    Args:
        beta: weight of the divergence, logged as the term `kl`.
    """

    def __init__(self, latent_dim: PositiveInt, beta: Weight = 1.0, **parts: Unpack[Parts]) -> None:
        terms = {"kl": KLDivergence(beta)}
        super().__init__(Gaussian(latent_dim), parts, terms, prior=StandardNormal(latent_dim))
