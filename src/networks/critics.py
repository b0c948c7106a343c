"""Critics: networks that tell what a model makes from what it should make."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from src.errors import UserError
from src.networks.base import Layers
from src.networks.convolutional import level_sizes
from src.networks.residual import group_norm
from src.networks.strided import narrowing
from src.ranges import PositiveInt

SLOPE = 0.2
"""Of the leaky rectifiers, for what is below zero: Radford et al. 2016."""


class Critic(Layers):
    """(B, ...) -> a number for each, (B,): the larger, the more real it looks.

    Each number follows from its own image alone: no layer looks at the batch, as a penalty on the gradient of each
    image needs it.
    """

    def trace(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        scores, hidden = super().trace(x)
        return scores.flatten(), hidden

    def features(self, x: Tensor) -> Tensor:
        """The last hidden layer, (B, ...)."""
        for layer in self.layers[:-1]:
            x = layer(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.layers[-1](self.features(x)).flatten()


class MlpCritic(Critic):
    """Of codes, or of anything else as one vector.

    Args:
        inputs: numbers in one example.
        hidden: units of each hidden layer; empty for a linear critic.
    """

    def __init__(self, inputs: int, hidden: Sequence[PositiveInt]) -> None:
        blocks = [nn.Sequential(nn.Linear(a, b), nn.LeakyReLU(SLOPE)) for a, b in pairwise([inputs, *hidden])]
        super().__init__([nn.Flatten(), *blocks, nn.Linear([inputs, *hidden][-1], 1)])


class ConvCritic(Critic):
    """Of images or series: convolutions that halve each side (rounded up: any size fits), then a linear map.

    Radford, Metz & Chintala, "Unsupervised representation learning with deep convolutional generative adversarial
    networks", ICLR 2016, without layers that look at the batch.

    Args:
        shape: of one example, (channels, height, width) or (channels, length).
        channels: output channels of each convolution.
        spectral: each weight matrix is divided by its largest singular value, so that scores change no faster than
            pixels do (Miyato et al., "Spectral normalization for generative adversarial networks", ICLR 2018);
            otherwise groups of channels are normalised in all layers but the first.
    """

    def __init__(self, shape: Sequence[int], channels: Sequence[PositiveInt], spectral: bool) -> None:
        strides = [2] * len(channels)
        left = channels[-1] * math.prod(level_sizes(shape, strides)[-1])
        blocks: list[nn.Module] = []
        for convolution, width in zip(narrowing(shape, channels, strides, kernel=5), channels, strict=True):
            normed = [group_norm(width)] if blocks and not spectral else []
            blocks.append(nn.Sequential(_bounded(convolution, spectral), *normed, nn.LeakyReLU(SLOPE)))
        super().__init__([*blocks, nn.Sequential(nn.Flatten(), _bounded(nn.Linear(left, 1), spectral))])


def _bounded(layer: nn.Module, spectral: bool) -> nn.Module:
    return spectral_norm(layer) if spectral else layer


def image_critic(shape: Sequence[int], channels: Sequence[PositiveInt], spectral: bool) -> Critic:
    """Convolutions where examples have a height and a width, or a length; fully connected layers of vectors.

    Raises:
        UserError: there is no layer at all.
    """
    if not channels:
        raise UserError("model.critic=[] leaves the critic no layer; give at least one, e.g. model.critic=[32]")
    return ConvCritic(shape, channels, spectral) if len(shape) in (2, 3) else MlpCritic(math.prod(shape), channels)
