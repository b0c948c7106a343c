"""Convolutions and max-pooling down, enlarging and convolutions back up."""

from itertools import pairwise

from torch import nn

from src.activations import Activation
from src.networks.base import Layers, Sizes
from src.networks.convolutional import (
    ConvolutionalNetwork,
    check_channels,
    finish,
    from_code,
    grid,
    level_sizes,
    to_features,
)
from src.ranges import DropoutRate, PositiveInt


class ConvPoolNetwork(ConvolutionalNetwork):
    """Each level convolves, then takes the largest of 2 x 2 (sizes halved, rounded up); mirrored back.

    On the way back each level repeats its maps' values up to the very size that was there, then convolves: no
    checkerboards, which transposed convolutions can leave.
    Masci et al., "Stacked Convolutional Auto-Encoders", 2011; enlarging so: Odena et al., "Deconvolution and
    Checkerboard Artifacts", 2016.

    Args:
        channels: output channels of each 3 x 3 convolution of the encoder.
        activation: after each convolution.
        dropout: share of whole channels dropped in training.

    Raises:
        UserError: the data has no height and width.
    """

    config_name = "conv_pool"

    def __init__(
        self,
        sizes: Sizes,
        channels: list[PositiveInt],
        activation: Activation = "relu",
        dropout: DropoutRate = 0.0,
    ) -> None:
        self.check(sizes)
        check_channels(channels)
        there = level_sizes(sizes.shape, [2] * len(channels))
        smallest = (channels[-1], *there[-1])

        def after() -> list[nn.Module]:
            return finish(activation, dropout)

        encoder: list[nn.Module] = [
            nn.Sequential(nn.Conv2d(a, b, 3, padding=1), *after(), nn.MaxPool2d(2, ceil_mode=True))
            for a, b in pairwise([sizes.shape[0], *channels])
        ]
        back = zip(pairwise([*reversed(channels), sizes.raw_channels]), reversed(there[:-1]), strict=True)
        *up, last = [nn.Sequential(nn.Upsample(size), nn.Conv2d(a, b, 3, padding=1)) for (a, b), size in back]
        decoder = [from_code(sizes, smallest, *after()), *(nn.Sequential(*layer, *after()) for layer in up), last]
        super().__init__(Layers([*encoder, to_features(sizes, smallest)]), Layers(decoder), grid(sizes, smallest))
