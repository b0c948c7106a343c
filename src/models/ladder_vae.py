"""The variational autoencoder with two layers of codes."""

from typing import Unpack, final

from src.bottlenecks import Ladder
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.priors import TwoLayers
from src.ranges import PositiveInt
from src.regularizers import SampledKL
from src.schedules import Weight


@final
class LadderVariationalAutoencoder(ReconstructionModule):
    """min E_{q(z|x)}[-log p(x|z_1) + beta * (log q(z|x) - log p(z))], z = [z_1, z_2], p(z) = p(z_2) p(z_1|z_2).

    Sønderby et al., "Ladder variational autoencoders", NeurIPS 2016: q(z_1|z_2, x) is the normal density that the image
    tells times the prior's p(z_1|z_2), each weighted by its precision. The decoder reads z_1 alone. Both layers
    tend to fall asleep where the divergence counts in full from the first step: beta rises from 0 (their warm-up), and
    `kl_top`, logged beside the terms, is what z_2 holds in nats.

    Args:
        latent_dim: numbers of z_1 and z_2 together.
        top: how many of them are z_2's; None for a quarter.
        beta: weight of the divergence, logged as the term `kl`.

    Raises:
        UserError: nothing is left for z_1.
    """

    def __init__(
        self, latent_dim: PositiveInt, top: PositiveInt | None = None, beta: Weight = 1.0, **parts: Unpack[Parts]
    ) -> None:
        top = max(1, latent_dim // 4) if top is None else top
        if top >= latent_dim:
            raise UserError(
                f"model.top={top} of model.latent_dim={latent_dim} leaves no number for the layer that the decoder "
                f"reads. Use model.latent_dim={top + 1} or more, or a smaller model.top."
            )
        prior = TwoLayers(latent_dim - top, top)
        bottleneck = Ladder(latent_dim, top, prior.below)
        super().__init__(bottleneck, parts, {"kl": SampledKL(beta, prior.log_prob)}, prior)
