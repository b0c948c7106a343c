"""Levels of convolutions with skips past the code, for restoration."""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from src.activations import Activation
from src.errors import UserError
from src.networks.base import Layers, Network, Sizes
from src.networks.convolutional import finish, from_code, grid, level_sizes, to_features
from src.ranges import DropoutRate, PositiveInt


class UNet(Network):
    """Each level's maps reach the decoder twice: through the code, and as they are.

    Level i convolves twice, at 1 / 2^i of height and width (rounded up); the last one's maps make the code. Back at
    level i the decoder sees the maps that come up beside those that the encoder made there. The code is no bottleneck,
    the encoder's maps pass it by: right where an image is to be repaired, wrong where it is to be summed up.
    Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015, with sizes kept
    by padding; 3 x 3 kernels start as there, from N(0, 2 / inputs).

    Args:
        channels: of each level, from the image's own size down.
        activation: after each convolution.
        dropout: share of whole channels dropped in training.

    Raises:
        UserError: the data has no height and width, or there are under two levels.
    """

    config_name = "unet"
    axes = 3
    gives_maps = True
    skips = True
    decoder: "Skipping"

    def __init__(
        self,
        sizes: Sizes,
        channels: list[PositiveInt],
        activation: Activation = "relu",
        dropout: DropoutRate = 0.0,
    ) -> None:
        self.check(sizes)
        if len(channels) < 2:
            raise UserError(
                f"network.channels={channels}: a U-Net has two levels or more; type e.g. 'network.channels=[16,32]'."
            )
        there = level_sizes(sizes.shape, [2] * (len(channels) - 1))
        smallest = (channels[-1], *there[-1])

        def convolutions(*widths: int) -> Iterator[nn.Module]:
            for a, b in pairwise(widths):
                convolution = nn.Conv2d(a, b, 3, padding=1)
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
                yield from (convolution, *finish(activation, dropout))

        first, *others = [[a, b, b] for a, b in pairwise([sizes.shape[0], *channels])]
        encoder = [
            nn.Sequential(*convolutions(*first)),
            *(nn.Sequential(nn.MaxPool2d(2, ceil_mode=True), *convolutions(*widths)) for widths in others),
            to_features(sizes, smallest),
        ]
        up = [
            Beside(nn.Sequential(nn.Upsample(size), *convolutions(b, a)), nn.Sequential(*convolutions(2 * a, a, a)))
            for (b, a), size in zip(pairwise(reversed(channels)), reversed(there[:-1]), strict=True)
        ]
        start, end = from_code(sizes, smallest, *finish(activation, 0.0)), nn.Conv2d(channels[0], sizes.raw_channels, 1)
        super().__init__(Layers(encoder), Skipping([start, *up, end]), grid(sizes, smallest))

    def back(self, z: Tensor, hidden: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        return self.decoder.trace(z, hidden[:-1])  # the last level is what the code was made from


class Beside(nn.Module):
    """Maps from below, enlarged, and the encoder's of that level beside them, joined by convolutions."""

    def __init__(self, enlarge: nn.Module, join: nn.Module) -> None:
        super().__init__()
        self.enlarge, self.join = enlarge, join

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.join(torch.cat([self.enlarge(x), skip], dim=1))


class Skipping(Layers):
    """A decoder that reads the encoder's maps too: (B, a, h, w) each, from the image's own size down."""

    def trace(self, x: Tensor, skips: tuple[Tensor, ...] = ()) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The output, and the output of each hidden layer.

        Raises:
            UserError: the encoder's maps are missing.
        """
        start, *up, end = self.layers
        if len(skips) != len(up):
            raise UserError(
                "network=unet cannot decode a code alone, its decoder reads the encoder's maps too. Use network=conv, "
                "network=conv_pool or network=resnet."
            )
        hidden = [start(x)]
        for layer, skip in zip(up, reversed(skips), strict=True):
            hidden.append(layer(hidden[-1], skip))
        return end(hidden[-1]), tuple(hidden)

    def forward(self, x: Tensor, skips: tuple[Tensor, ...] = ()) -> Tensor:
        return self.trace(x, skips)[0]
