"""k units awake on average."""

import math
from typing import Unpack, final

from src.bottlenecks import BatchTopK
from src.models.base import Parts, ReconstructionModule
from src.ranges import PositiveInt
from src.regularizers import Revival
from src.schedules import Weight


@final
class BatchTopKAutoencoder(ReconstructionModule):
    """min L(x, g(z)) + auxiliary * ||e - e_hat||^2, z the k * B largest of the f(x) of a batch and 0 elsewhere.

    Bussmann, Leask & Nanda, "BatchTopK sparse autoencoders", 2024: an image that needs more units than another gets
    them. Outside training a threshold takes the place of the batch. The rest is as in `TopKAutoencoder`; `awake`, the
    units awake in an image, is logged too. Under DDP the images of one process compete.

    Args:
        latent_dim: units, usually more than there are numbers in an image.
        k: units awake in an image, on average.
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
        super().__init__(BatchTopK(latent_dim, k, dead_after), parts, {"auxiliary": revival})
