"""Strided convolutions down, transposed ones back up."""

import math
from itertools import pairwise

from torch import nn

from src.activations import ACTIVATIONS, Activation
from src.errors import UserError
from src.networks.base import Layers, Network, Sizes
from src.ranges import DropoutRate, PositiveInt


class ConvNetwork(Network):
    """Each layer halves height and width (rounded up: any size fits), a linear map makes the features; mirrored back.

    Masci et al., "Stacked Convolutional Auto-Encoders", 2011, with strides for pooling.

    Args:
        channels: output channels of each 3 x 3 convolution of the encoder.
        activation: after each convolution.
        dropout: share of whole channels dropped in training.

    Raises:
        UserError: the data has no height and width.
    """

    config_name = "conv"

    def __init__(
        self,
        sizes: Sizes,
        channels: list[PositiveInt],
        activation: Activation = "relu",
        dropout: DropoutRate = 0.0,
    ) -> None:
        if len(sizes.shape) != 3:
            raise UserError(
                f"network=conv needs images (channels, height, width), but data.shape is {list(sizes.shape)}. "
                "Use network=mlp."
            )
        if not channels:
            raise UserError("network.channels=[] leaves no convolution; give at least one, e.g. network.channels=[32]")

        def finish() -> list[nn.Module]:
            return [ACTIVATIONS[activation].build(), *([nn.Dropout2d(dropout)] if dropout else [])]

        heights, widths = (_halved(size, len(channels)) for size in sizes.shape[1:])
        down = [
            nn.Sequential(nn.Conv2d(a, b, 3, stride=2, padding=1), *finish())
            for a, b in pairwise([sizes.shape[0], *channels])
        ]
        smallest = (channels[-1], heights[-1], widths[-1])
        encoder = [*down, nn.Sequential(nn.Flatten(), nn.Linear(math.prod(smallest), sizes.features))]

        unflat = [nn.Linear(sizes.latent_dim, math.prod(smallest)), nn.Unflatten(1, smallest)]
        decoder: list[nn.Module] = [nn.Sequential(*unflat, *finish())]
        back = [*reversed(channels), sizes.raw_channels]
        for level, (a, b) in enumerate(pairwise(back)):
            at = len(channels) - level
            up = _doubling(a, b, (heights[at], widths[at]), (heights[at - 1], widths[at - 1]))
            decoder.append(nn.Sequential(up, *finish()) if at > 1 else up)
        super().__init__(Layers(encoder), Layers(decoder))


def _halved(size: int, times: int) -> list[int]:
    """The sizes of one axis from level to level: 28, 14, 7, 4."""
    sizes = [size]
    for _ in range(times):
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def _doubling(a: int, b: int, small: tuple[int, int], large: tuple[int, int]) -> nn.ConvTranspose2d:
    """A transposed convolution from the size `small` to exactly `large`: 2 n - 1, plus one where that is needed."""
    extra = (large[0] - (2 * small[0] - 1), large[1] - (2 * small[1] - 1))
    return nn.ConvTranspose2d(a, b, 3, stride=2, padding=1, output_padding=extra)
