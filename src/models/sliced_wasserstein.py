"""A plain code whose distribution is drawn to the prior along random lines."""

from typing import Unpack, final

from src.bottlenecks import Deterministic
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import PositiveInt
from src.regularizers import SlicedWasserstein
from src.schedules import Weight


@final
class SlicedWassersteinAutoencoder(ReconstructionModule):
    """min L(x, g(f(x))) + divergence * SW_2^2(f(x), N(0, I)), the mean squared distance over random projections.

    Kolouri et al., "Sliced Wasserstein auto-encoders", ICLR 2019.

    Args:
        divergence: weight of the distance, logged as the term `sliced_wasserstein`.
        projections: how many lines are drawn for each batch.
    """

    def __init__(
        self, latent_dim: PositiveInt, divergence: Weight = 10.0, projections: PositiveInt = 50, **parts: Unpack[Parts]
    ) -> None:
        terms = {"sliced_wasserstein": SlicedWasserstein(divergence, projections)}
        super().__init__(Deterministic(latent_dim), parts, terms, prior=StandardNormal(latent_dim))
