"""Strided convolutions along one axis, for series."""

from typing import Literal

from torch import nn

from src.activations import Activation
from src.networks.base import Layers, Network, Sizes
from src.networks.convolutional import check_channels, finish, from_code, level_sizes, to_features
from src.networks.strided import narrowing, widening
from src.ranges import DropoutRate, PositiveInt


class Conv1dNetwork(Network):
    """Each layer halves the length (rounded up: any length fits), a linear map makes the features; mirrored back.

    (B, channels, length) -> (B, features), and (B, latent_dim) -> (B, raw channels, length).
    LeCun & Bengio, "Convolutional networks for images, speech, and time series", 1995, with strides for pooling.

    Args:
        channels: output channels of each convolution of the encoder.
        kernel: numbers along the series that a convolution reads at once.
        activation: after each convolution.
        dropout: share of whole channels dropped in training.

    Raises:
        UserError: the data is no series of (channels, length), or the code is maps.
    """

    config_name = "conv1d"
    axes = 2

    def __init__(
        self,
        sizes: Sizes,
        channels: list[PositiveInt],
        kernel: Literal[3, 5, 7, 9] = 5,
        activation: Activation = "relu",
        dropout: DropoutRate = 0.0,
    ) -> None:
        self.check(sizes)
        check_channels(channels)
        strides = [2] * len(channels)
        smallest = (channels[-1], *level_sizes(sizes.shape, strides)[-1])

        def after() -> list[nn.Module]:
            return finish(activation, dropout, axes=2)

        down = narrowing(sizes.shape, channels, strides, kernel)
        *up, last = widening(sizes.shape, [*reversed(channels), sizes.raw_channels], strides, kernel)
        encoder = [*(nn.Sequential(layer, *after()) for layer in down), to_features(sizes, smallest)]
        decoder = [from_code(sizes, smallest, *after()), *(nn.Sequential(layer, *after()) for layer in up), last]
        super().__init__(Layers(encoder), Layers(decoder))
