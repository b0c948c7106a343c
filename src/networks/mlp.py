"""Fully connected layers, mirrored."""

import math
from itertools import pairwise

from torch import nn

from src.activations import ACTIVATIONS, Activation
from src.networks.base import Layers, Network, Sizes
from src.ranges import DropoutRate, PositiveInt


class MlpNetwork(Network):
    """inputs - hidden[0] - ... - hidden[-1] - features, and the mirror image back.

    Args:
        hidden: units of each hidden layer of the encoder; empty for a single affine map; None for 512 and 256.
        activation: after each hidden layer.
        dropout: share of hidden units dropped in training.
    """

    config_name = "mlp"

    def __init__(
        self,
        sizes: Sizes,
        hidden: list[PositiveInt] | None = None,
        activation: Activation = "relu",
        dropout: DropoutRate = 0.0,
    ) -> None:
        hidden = [512, 256] if hidden is None else list(hidden)

        def block(before: int, after: int) -> nn.Sequential:
            drop = [nn.Dropout(dropout)] if dropout else []
            return nn.Sequential(nn.Linear(before, after), ACTIVATIONS[activation].build(), *drop)

        def stack(widths: list[int]) -> list[nn.Module]:
            return [*(block(a, b) for a, b in pairwise(widths[:-1])), nn.Linear(widths[-2], widths[-1])]

        encoder = stack([sizes.inputs, *hidden, sizes.features])
        decoder = stack([sizes.latent_dim, *reversed(hidden), math.prod(sizes.raw_shape)])
        encoder[0] = nn.Sequential(nn.Flatten(), encoder[0])
        decoder[-1] = nn.Sequential(decoder[-1], nn.Unflatten(1, sizes.raw_shape))
        super().__init__(Layers(encoder), Layers(decoder))
