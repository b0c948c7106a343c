"""Strided convolutions down, transposed ones back up."""

from typing import Literal

from torch import nn

from src.activations import Activation
from src.errors import UserError
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
from src.networks.strided import narrowing, widening
from src.ranges import DropoutRate, PositiveInt


class ConvNetwork(ConvolutionalNetwork):
    """Each layer divides height and width by its stride (rounded up: any size fits); mirrored back.

    A linear map makes the features of a vector code, a 1 x 1 convolution those of a code that is maps.
    Masci et al., "Stacked Convolutional Auto-Encoders", 2011, with strides for pooling.

    Args:
        channels: output channels of each 3 x 3 convolution of the encoder.
        activation: after each convolution.
        dropout: share of whole channels dropped in training.
        strides: of each convolution; None for 2 each.
        activated_start: whether the activation follows the decoder's first map too, the one that reads the code.
        image_layer: whether a 1 x 1 convolution makes the image, from as many maps as the first convolution made;
            otherwise the last transposed convolution makes it.
        code_layer: where the code is maps, whether 1 x 1 convolutions make and read it; otherwise the last convolution
            makes it and the first transposed one reads it, and `channels[-1]` is not used.

    Raises:
        UserError: the data has no height and width, or there are not as many strides as channels.
    """

    config_name = "conv"

    def __init__(
        self,
        sizes: Sizes,
        channels: list[PositiveInt],
        activation: Activation = "relu",
        dropout: DropoutRate = 0.0,
        strides: list[Literal[1, 2, 3]] | None = None,
        activated_start: bool = True,
        image_layer: bool = False,
        code_layer: bool = True,
    ) -> None:
        self.check(sizes)
        check_channels(channels)
        steps = _steps(channels, strides)
        smallest = (channels[-1], *level_sizes(sizes.shape, steps)[-1])
        direct = sizes.maps and not code_layer

        def after() -> list[nn.Module]:
            return finish(activation, dropout)

        down = narrowing(sizes.shape, [*channels[:-1], sizes.features if direct else channels[-1]], steps)
        encoder: list[nn.Module] = [nn.Sequential(layer, *after()) for layer in down[:-1]]
        if direct:
            encoder.append(down[-1])
        else:
            encoder += [nn.Sequential(down[-1], *after()), to_features(sizes, smallest)]

        decoder = [] if direct else [from_code(sizes, smallest, *(after() if activated_start else []))]
        inner = [*reversed(channels)] if image_layer else [*reversed(channels[:-1])]
        ends = [] if image_layer else [sizes.raw_channels]
        up = widening(sizes.shape, [sizes.latent_dim if direct else channels[-1], *inner, *ends], steps)
        decoder += [nn.Sequential(layer, *after()) for layer in up[: len(inner)]]
        decoder.append(nn.Conv2d(channels[0], sizes.raw_channels, 1) if image_layer else up[-1])
        super().__init__(Layers(encoder), Layers(decoder), grid(sizes, smallest))


def _steps(channels: list[int], strides: list[Literal[1, 2, 3]] | None) -> list[int]:
    steps: list[int] = [2] * len(channels) if strides is None else list(strides)
    if len(steps) != len(channels):
        raise UserError(
            f"network.strides={steps} has {len(steps)} numbers for {len(channels)} convolutions; give one for each of "
            "network.channels, or network.strides=null for 2 each."
        )
    return steps
