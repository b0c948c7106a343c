"""Units with thresholds of their own."""

from typing import Unpack, final

from src.bottlenecks import JumpReLU
from src.models.base import Parts, ReconstructionModule
from src.ranges import PositiveFloat, PositiveInt
from src.regularizers import UnitsAwake
from src.schedules import Weight


@final
class JumpReLUAutoencoder(ReconstructionModule):
    """min L(x, g(z)) + sparsity * ||z||_0, z_j = f_j(x) where f_j(x) > t_j and 0 elsewhere, the t_j > 0 learned.

    Rajamanoharan et al., "Jumping ahead: improving reconstruction fidelity with JumpReLU sparse autoencoders", 2024.
    `dead_units` is logged, the share of units that no training image has woken for long.

    Args:
        latent_dim: units, usually more than there are numbers in an image.
        sparsity: weight of the number of units awake, logged as the term `l0`.
        threshold: what the thresholds start from.
        bandwidth: a threshold learns from the features that are within half of it, see `JumpReLU`.
        dead_after: a unit that no training image has woken for so many images counts as dead.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        sparsity: Weight = 0.1,
        threshold: PositiveFloat = 0.05,
        bandwidth: PositiveFloat = 0.1,
        dead_after: PositiveInt = 10_000,
        **parts: Unpack[Parts],
    ) -> None:
        bottleneck = JumpReLU(latent_dim, threshold, bandwidth, dead_after)
        super().__init__(bottleneck, parts, {"l0": UnitsAwake(sparsity)})
