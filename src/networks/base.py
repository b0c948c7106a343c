"""What every network is: an encoder and a decoder that tell their hidden layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, cast

from torch import Tensor, nn


@dataclass(frozen=True)
class Sizes:
    """What a network must fit: derived from the data, the loss and the bottleneck, never typed twice."""

    shape: tuple[int, ...]
    """One image, (channels, height, width)."""
    features: int
    """What the encoder must give: as many numbers as the bottleneck reads."""
    latent_dim: int
    """What the decoder is given."""
    raw_channels: int
    """Channels of the decoder's output: as many as the loss reads."""

    @property
    def raw_shape(self) -> tuple[int, ...]:
        return (self.raw_channels, *self.shape[1:])

    @property
    def inputs(self) -> int:
        """Numbers in one image."""
        return math.prod(self.shape)


class Layers(nn.Module):
    """Layers one after another; all but the last count as hidden."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def trace(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The output, and the output of each hidden layer."""
        hidden = []
        for layer in self.layers[:-1]:
            x = layer(x)
            hidden.append(x)
        return self.layers[-1](x), tuple(hidden)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class Network(nn.Module):
    """An encoder (B, *shape) -> (B, features) and a decoder (B, latent_dim) -> (B, raw channels, ...)."""

    config_name: ClassVar[str]
    """What to type to get it: `network=<config_name>`."""

    def __init__(self, encoder: Layers, decoder: Layers) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def encoder_matrix(self) -> Tensor | None:
        """The matrix (features, inputs) of an encoder that is one affine map; None for any other."""
        match list(self.encoder.layers):
            case [nn.Sequential() as only] if [type(part) for part in only] == [nn.Flatten, nn.Linear]:
                return cast(Tensor, only[1].weight)
        return None


class NetworkFactory(Protocol):
    """What a `network` node of the configuration builds: everything chosen but the sizes."""

    def __call__(self, sizes: Sizes) -> Network: ...
