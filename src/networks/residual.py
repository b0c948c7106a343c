"""Residual blocks, strided down and enlarging up."""

from itertools import pairwise

from torch import Tensor, nn

from src.activations import ACTIVATIONS, Activation
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


class ResidualNetwork(ConvolutionalNetwork):
    """Each level halves height and width (rounded up) by a strided residual block; mirrored back by enlarging.

    He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, without the normalisation before the sum:
    how bright an image is must reach the code. The other one is that of Wu & He, "Group Normalization", ECCV 2018,
    which looks at one image at a time: a code does not depend on the batch.

    Args:
        channels: channels of each level.
        blocks: residual blocks of each level, two 3 x 3 convolutions each.
        activation: within each block and after it.
        dropout: share of whole channels dropped in training, within each block.

    Raises:
        UserError: the data has no height and width.
    """

    config_name = "resnet"

    def __init__(
        self,
        sizes: Sizes,
        channels: list[PositiveInt],
        blocks: PositiveInt = 1,
        activation: Activation = "relu",
        dropout: DropoutRate = 0.0,
    ) -> None:
        self.check(sizes)
        check_channels(channels)
        there = level_sizes(sizes.shape, [2] * len(channels))
        smallest = (channels[-1], *there[-1])

        def block(before: int, after: int, stride: int = 1) -> nn.Module:
            return ResidualBlock(before, after, stride, activation, dropout)

        def more(width: int) -> list[nn.Module]:
            return [block(width, width) for _ in range(blocks - 1)]

        encoder: list[nn.Module] = [
            nn.Sequential(block(a, b, stride=2), *more(b)) for a, b in pairwise([sizes.shape[0], *channels])
        ]
        back = zip(pairwise([*reversed(channels), channels[0]]), reversed(there[:-1]), strict=True)
        decoder = [
            from_code(sizes, smallest, *finish(activation, 0.0)),
            *(nn.Sequential(*more(a), nn.Upsample(size), block(a, b)) for (a, b), size in back),
            nn.Conv2d(channels[0], sizes.raw_channels, 3, padding=1),
        ]
        super().__init__(Layers([*encoder, to_features(sizes, smallest)]), Layers(decoder), grid(sizes, smallest))


class ResidualBlock(nn.Module):
    """y = activation(F(x) + S x); F is convolution, norm, activation, convolution.

    x (B, before, h, w) -> (B, after, h / stride, w / stride), rounded up. S is the identity where the sizes allow it,
    otherwise a strided 1 x 1 convolution.
    """

    def __init__(self, before: int, after: int, stride: int, activation: Activation, dropout: float) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, padding=1, bias=False),
            group_norm(after),
            *finish(activation, dropout),
            nn.Conv2d(after, after, 3, padding=1),
        )
        same = before == after and stride == 1
        self.shortcut: nn.Module = nn.Identity() if same else nn.Conv2d(before, after, 1, stride)
        self.activation = ACTIVATIONS[activation].build()

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.change(x) + self.shortcut(x))


def group_norm(channels: int) -> nn.GroupNorm:
    """Groups of at least 4 channels, 8 at most, all alike: 16 -> 4 groups, 64 -> 8, 7 -> 1.

    Of a group of one channel at a 1 x 1 resolution nothing but its bias would be left.
    """
    return nn.GroupNorm(max(n for n in range(1, 9) if channels % n == 0 and (n == 1 or channels // n >= 4)), channels)
