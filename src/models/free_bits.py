"""The variational autoencoder with free bits."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import NonNegativeFloat, PositiveInt
from src.regularizers import FreeBits, KLDivergence
from src.schedules import Weight


@final
class FreeBitsVariationalAutoencoder(ReconstructionModule):
    """min E_{q(z|x)}[-log p(x|z)] + beta * sum_j max(free, mean over the batch of KL(q(z_j|x) || N(0, 1))).

    Kingma et al., "Improved variational inference with inverse autoregressive flow", NIPS 2016. A VAE none of whose
    units falls silent: up to `free` nats cost nothing. The divergence itself is logged as `kl`, without a part in the
    loss.

    Args:
        free: nats that each unit may tell for free.
        beta: weight of the rest, logged with it as the term `free_bits`.
    """

    def __init__(
        self, latent_dim: PositiveInt, free: NonNegativeFloat = 0.5, beta: Weight = 1.0, **parts: Unpack[Parts]
    ) -> None:
        terms = {"free_bits": FreeBits(beta, free), "kl": KLDivergence(0.0)}
        super().__init__(Gaussian(latent_dim), parts, terms, prior=StandardNormal(latent_dim))
