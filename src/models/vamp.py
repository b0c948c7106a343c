"""The variational autoencoder with a learned mixture for a prior."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.models.base import Parts, ReconstructionModule
from src.priors import VampPrior
from src.ranges import PositiveInt
from src.regularizers import SampledKL
from src.schedules import Weight


@final
class VampPriorAutoencoder(ReconstructionModule):
    """min E_{q(z|x)}[-log p(x|z) + beta * (log q(z|x) - log p(z))], p(z) = 1/K sum_k q(z|u_k).

    Tomczak & Welling, "VAE with a VampPrior", AISTATS 2018. The u_k are images that are learned, passed through the
    encoder at each step; the best prior of a VAE is the mean of all posteriors, and this is that mean over few of them.

    Args:
        components: K, how many pseudo-inputs u_k there are.
        beta: weight of the divergence, logged as the term `kl`.
    """

    def __init__(
        self, latent_dim: PositiveInt, components: PositiveInt = 100, beta: Weight = 1.0, **parts: Unpack[Parts]
    ) -> None:
        prior = VampPrior(self.encode, parts["shape"], parts["data_range"], components)
        super().__init__(Gaussian(latent_dim), parts, {"kl": SampledKL(beta, prior.log_prob)}, prior)
