"""The variational autoencoder whose posterior a flow bends."""

from typing import Literal, Unpack, final

from src.bottlenecks import Flowing
from src.flows import InverseAutoregressive, Planar
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import PositiveInt
from src.regularizers import SampledKL
from src.schedules import Weight

FLOWS = {"iaf": InverseAutoregressive, "planar": Planar}


@final
class FlowVariationalAutoencoder(ReconstructionModule):
    """min E_{q(z|x)}[-log p(x|z) + beta * (log q(z|x) - log p(z))], z = flow(z_0; x), z_0 ~ N(mean(x), diag std(x)^2).

    log q(z|x) = log N(z_0) - log |det dz/dz_0|: the units of a code depend on each other, and need not be normal.
    "planar" is Rezende & Mohamed, "Variational inference with normalizing flows", ICML 2015; "iaf" is Kingma et al.,
    "Improved variational inference with inverse autoregressive flow", NeurIPS 2016.

    Args:
        flow: "iaf", each number moved by all before it, or "planar", all of them along one direction.
        flows: how many steps of it.
        beta: weight of the divergence, logged as the term `kl`.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        flow: Literal["iaf", "planar"] = "iaf",
        flows: PositiveInt = 4,
        beta: Weight = 1.0,
        **parts: Unpack[Parts],
    ) -> None:
        prior = StandardNormal(latent_dim)
        bottleneck = Flowing(latent_dim, FLOWS[flow](latent_dim, flows))
        super().__init__(bottleneck, parts, {"kl": SampledKL(beta, prior.log_prob)}, prior)
