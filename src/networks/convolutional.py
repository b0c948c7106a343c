"""What convolutional networks share: sizes from level to level, and both ends of the code."""

import math
from collections.abc import Sequence
from itertools import accumulate

from torch import nn

from src.activations import ACTIVATIONS, Activation
from src.errors import UserError
from src.networks.base import Network, Sizes

CONV = {2: nn.Conv1d, 3: nn.Conv2d}
"""By the number of axes of one example, its channels counted; so is the next."""
DROPOUT = {2: nn.Dropout1d, 3: nn.Dropout2d}


class ConvolutionalNetwork(Network):
    """Levels of convolutions, each smaller than the one before, and back; all that gets through is the code."""

    config_name = "conv, conv_pool or resnet"
    axes = 3
    gives_maps = True


def check_channels(channels: Sequence[int]) -> None:
    """Raises UserError where there is no level at all."""
    if not channels:
        raise UserError("network.channels=[] leaves no convolution; give at least one, e.g. network.channels=[32]")


def level_sizes(shape: Sequence[int], strides: Sequence[int]) -> list[tuple[int, ...]]:
    """The sizes of all axes but the channels from level to level, rounded up: (28, 28), (14, 14), (7, 7), (4, 4)."""
    axes = [accumulate(strides, lambda size, stride: -(-size // stride), initial=size) for size in shape[1:]]
    return list(zip(*axes, strict=True))


def finish(activation: Activation, dropout: float, axes: int = 3) -> list[nn.Module]:
    """What follows a convolution."""
    return [ACTIVATIONS[activation].build(), *([DROPOUT[axes](dropout)] if dropout else [])]


def to_features(sizes: Sizes, smallest: tuple[int, ...]) -> nn.Module:
    """Maps (B, *smallest) -> features: by one linear map, or by a 1 x 1 convolution where the code is maps."""
    if sizes.maps:
        return CONV[len(smallest)](smallest[0], sizes.features, 1)
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(smallest), sizes.features))


def from_code(sizes: Sizes, smallest: tuple[int, ...], *after: nn.Module) -> nn.Module:
    """The way back, codes -> maps (B, *smallest), and what comes after it."""
    if sizes.maps:
        return nn.Sequential(CONV[len(smallest)](sizes.latent_dim, smallest[0], 1), *after)
    return nn.Sequential(nn.Linear(sizes.latent_dim, math.prod(smallest)), nn.Unflatten(1, smallest), *after)


def grid(sizes: Sizes, smallest: tuple[int, ...]) -> tuple[int, int] | None:
    """Height and width of the code's maps; None where the code is a vector."""
    return (smallest[-2], smallest[-1]) if sizes.maps else None
