"""The importance-weighted autoencoder."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import PositiveInt
from src.regularizers import ImportanceWeightedBound, KLDivergence


@final
class ImportanceWeightedAutoencoder(ReconstructionModule):
    """min -E log 1/k sum_i p(x|z_i) p(z_i) / q(z_i|x), z_i ~ q(z|x) = N(mean(x), diag std(x)^2), i = 1...k.

    Burda, Grosse & Salakhutdinov, "Importance weighted autoencoders", ICLR 2016. A VAE's model with a tighter bound on
    log p(x), logged as the term `bound`; with one sample it is the VAE's. `reconstruction` and `kl`, the two parts of
    the VAE's bound, are logged beside it without a part in the loss.

    Args:
        samples: k; each further one is decoded too.

    Raises:
        UserError: there is no log p(x) to bound: the loss is no likelihood, or the network cannot decode a code alone.
    """

    def __init__(self, latent_dim: PositiveInt, samples: PositiveInt = 5, **parts: Unpack[Parts]) -> None:
        terms = {"bound": ImportanceWeightedBound(samples=samples), "kl": KLDivergence(0.0)}
        super().__init__(Gaussian(latent_dim), parts, terms, prior=StandardNormal(latent_dim), reconstruction=0.0)
        if "likelihood" not in self.capabilities:
            raise UserError(
                "model=iwae bounds log p(x), so it needs a loss that is a likelihood and a network that decodes a code "
                "alone. Use e.g. loss=bce or loss=gaussian, and network=mlp or network=conv."
            )
