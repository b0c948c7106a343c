"""Activation functions by name, with the range of their values and, where it is simple, their slope."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

INF = float("inf")
Activation = Literal["identity", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softplus"]


class Entry(NamedTuple):
    build: Callable[[], nn.Module]
    range: tuple[float, float]
    slope: Callable[[Tensor], Tensor] | None = None
    """The derivative, written as a function of the activation's own output."""


ACTIVATIONS: dict[str, Entry] = {
    "identity": Entry(nn.Identity, (-INF, INF), torch.ones_like),
    "relu": Entry(nn.ReLU, (0, INF), lambda h: (h > 0).to(h.dtype)),
    "leaky_relu": Entry(nn.LeakyReLU, (-INF, INF)),
    "elu": Entry(nn.ELU, (-1, INF)),
    "gelu": Entry(nn.GELU, (-0.17, INF)),
    "silu": Entry(nn.SiLU, (-0.28, INF)),
    "tanh": Entry(nn.Tanh, (-1, 1), lambda h: 1 - h**2),
    "sigmoid": Entry(nn.Sigmoid, (0, 1), lambda h: h * (1 - h)),
    "softplus": Entry(nn.Softplus, (0, INF)),
}
