"""One affine map each way."""

import math

from torch import nn

from src.networks.base import Layers, Network, Sizes
from src.networks.tied import transposed


class LinearNetwork(Network):
    """features = W x + b, raw = V z + c.

    Args:
        tied: V = W^T (of the means' half of W, where the features are means and log variances).

    Raises:
        UserError: tied, and the decoder must give other channels than the encoder reads.
    """

    config_name = "linear"

    def __init__(self, sizes: Sizes, tied: bool = False) -> None:
        self.check(sizes)
        there = nn.Linear(sizes.inputs, sizes.features)
        back = transposed([there], sizes) if tied else [nn.Linear(sizes.latent_dim, math.prod(sizes.raw_shape))]
        encoder = Layers([nn.Sequential(nn.Flatten(), there)])
        super().__init__(encoder, Layers([nn.Sequential(*back, nn.Unflatten(1, sizes.raw_shape))]))
