"""Convolutions with strides, and the transposed ones that give back the very sizes, along one axis or two."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import nn

from src.networks.convolutional import CONV, level_sizes

TRANSPOSED: dict[int, Callable[..., nn.Module]] = {2: nn.ConvTranspose1d, 3: nn.ConvTranspose2d}


def narrowing(shape: Sequence[int], outputs: Sequence[int], strides: Sequence[int], kernel: int = 3) -> list[nn.Module]:
    """A convolution for each number of output channels; each divides the sizes by its stride, rounded up."""
    widths = pairwise([shape[0], *outputs])
    return [CONV[len(shape)](a, b, kernel, stride, kernel // 2) for (a, b), stride in zip(widths, strides, strict=True)]


def widening(shape: Sequence[int], widths: Sequence[int], strides: Sequence[int], kernel: int = 3) -> list[nn.Module]:
    """The way back to the sizes of `shape`: a transposed convolution between each two numbers of channels.

    From n numbers along an axis one makes (n - 1) stride + 1; the rest of the size that was there is added at its end.
    """
    there = level_sizes(shape, strides)[::-1]
    layers: list[nn.Module] = []
    for (a, b), (small, large), stride in zip(pairwise(widths), pairwise(there), reversed(strides), strict=True):
        rest = tuple(after - (before - 1) * stride - 1 for before, after in zip(small, large, strict=True))
        layers.append(TRANSPOSED[len(shape)](a, b, kernel, stride, kernel // 2, rest))
    return layers
