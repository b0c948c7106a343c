"""Exactly k units awake."""

import math
from typing import Unpack, final

from src.bottlenecks import TopK
from src.models.base import Parts, ReconstructionModule
from src.ranges import PositiveInt
from src.regularizers import Revival
from src.schedules import Weight


@final
class TopKAutoencoder(ReconstructionModule):
    """min L(x, g(z)) + auxiliary * ||e - e_hat||^2, z the k largest of f(x) and 0 elsewhere, e = x - g(z).

    Makhzani & Frey, "k-sparse autoencoders", ICLR 2014; the auxiliary loss, in which dead units draw what the others
    left over (e_hat, see `Revival`), is Gao et al., "Scaling and evaluating sparse autoencoders", ICLR 2025. Its code
    counts as k numbers an image. `dead_units` is logged, the share of them.

    Args:
        latent_dim: units, usually more than there are numbers in an image.
        k: units awake.
        auxiliary: weight of the auxiliary loss.
        auxiliary_k: dead units that take part in it, of each image; None for half as many as an image has numbers.
        dead_after: a unit that no training image has woken for so many images counts as dead.

    Raises:
        UserError: there are fewer than k units.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        k: PositiveInt = 16,
        auxiliary: Weight = 0.03125,
        auxiliary_k: PositiveInt | None = None,
        dead_after: PositiveInt = 10_000,
        **parts: Unpack[Parts],
    ) -> None:
        revival = Revival(auxiliary, auxiliary_k or max(1, math.prod(parts["shape"]) // 2))
        super().__init__(TopK(latent_dim, k, dead_after), parts, {"auxiliary": revival})
