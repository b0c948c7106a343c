"""A plain code whose distribution is drawn to the prior as a whole."""

from typing import Unpack, final

from src.bottlenecks import Deterministic
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import PositiveInt
from src.regularizers import MaximumMeanDiscrepancy
from src.regularizers.kernels import Kernel
from src.schedules import Weight


@final
class WassersteinAutoencoder(ReconstructionModule):
    """min L(x, g(f(x))) + divergence * MMD^2(f(x), N(0, I)): all codes together are normal, each is sharp.

    Tolstikhin et al., "Wasserstein auto-encoders", ICLR 2018 (WAE-MMD). With loss=mse and codes exactly normal the loss
    bounds the squared 2-Wasserstein distance between the data and what the model samples.

    Args:
        divergence: weight of the discrepancy, logged as the term `mmd`.
        kernel: "imq", inverse multiquadratics at seven scales, or "rbf", one Gaussian.
    """

    def __init__(
        self, latent_dim: PositiveInt, divergence: Weight = 10.0, kernel: Kernel = "imq", **parts: Unpack[Parts]
    ) -> None:
        terms = {"mmd": MaximumMeanDiscrepancy(divergence, kernel)}
        super().__init__(Deterministic(latent_dim), parts, terms, prior=StandardNormal(latent_dim))
