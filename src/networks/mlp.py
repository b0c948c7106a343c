"""Fully connected layers, mirrored."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from src.activations import ACTIVATIONS, Activation
from src.networks.base import Layers, Network, Sizes
from src.networks.tied import transposed
from src.ranges import DropoutRate, PositiveInt


class MlpNetwork(Network):
    """inputs - hidden[0] - ... - hidden[-1] - features, and the mirror image back.

    Args:
        hidden: units of each hidden layer of the encoder; empty for a single affine map; None for 512 and 256.
        activation: after each hidden layer.
        dropout: share of hidden units dropped in training.
        tied: the decoder's weights are the encoder's, transposed, with biases of its own (Vincent et al., "Extracting
            and composing robust features with denoising autoencoders", ICML 2008).

    Raises:
        UserError: tied, and the decoder must give other channels than the encoder reads.
    """

    config_name = "mlp"

    def __init__(
        self,
        sizes: Sizes,
        hidden: list[PositiveInt] | None = None,
        activation: Activation = "relu",
        dropout: DropoutRate = 0.0,
        tied: bool = False,
    ) -> None:
        self.check(sizes)
        hidden = [512, 256] if hidden is None else list(hidden)

        def stack(layers: list[nn.Module]) -> list[nn.Module]:
            blocks = [nn.Sequential(each, ACTIVATIONS[activation].build(), *_drop(dropout)) for each in layers[:-1]]
            return [*blocks, layers[-1]]

        there = [nn.Linear(a, b) for a, b in pairwise([sizes.inputs, *hidden, sizes.features])]
        widths = [sizes.latent_dim, *reversed(hidden), math.prod(sizes.raw_shape)]
        back: Sequence[nn.Module] = transposed(there, sizes) if tied else [nn.Linear(a, b) for a, b in pairwise(widths)]
        encoder, decoder = stack([*there]), stack([*back])
        encoder[0] = nn.Sequential(nn.Flatten(), encoder[0])
        decoder[-1] = nn.Sequential(decoder[-1], nn.Unflatten(1, sizes.raw_shape))
        super().__init__(Layers(encoder), Layers(decoder))


def _drop(share: float) -> list[nn.Module]:
    return [nn.Dropout(share)] if share else []
