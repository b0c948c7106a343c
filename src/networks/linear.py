"""One affine map each way."""

import math

from torch import nn

from src.networks.base import Layers, Network, Sizes


class LinearNetwork(Network):
    """features = W x + b, raw = V z + c."""

    config_name = "linear"

    def __init__(self, sizes: Sizes) -> None:
        encoder = Layers([nn.Sequential(nn.Flatten(), nn.Linear(sizes.inputs, sizes.features))])
        back = nn.Linear(sizes.latent_dim, math.prod(sizes.raw_shape))
        super().__init__(encoder, Layers([nn.Sequential(back, nn.Unflatten(1, sizes.raw_shape))]))
