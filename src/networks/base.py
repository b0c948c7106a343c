"""What every network is: an encoder and a decoder that tell their hidden layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, cast

from torch import Tensor, nn

from src.errors import UserError


@dataclass(frozen=True)
class Sizes:
    """What a network must fit: derived from the data, the loss and the bottleneck, never typed twice."""

    shape: tuple[int, ...]
    """One image, (channels, height, width)."""
    features: int
    """What the encoder must give: as many numbers as the bottleneck reads, or channels where the code is maps."""
    latent_dim: int
    """What the decoder is given: numbers, or channels where the code is maps."""
    raw_channels: int
    """Channels of the decoder's output: as many as the loss reads."""
    maps: bool = False
    """Whether the code is feature maps (B, D, h, w), of the network's smallest height and width, and no vector."""

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


KINDS = {2: "series (channels, length)", 3: "images (channels, height, width)"}
"""What an example is, by the number of its axes."""
ADVICE = {2: "network=conv1d or network=mlp", 3: "network=conv or network=mlp"}


class Network(nn.Module):
    """An encoder (B, *shape) -> (B, features) and a decoder (B, latent_dim) -> (B, raw channels, ...).

    With `Sizes.maps` the encoder gives (B, features, h, w) and the decoder reads (B, latent_dim, h, w), where (h, w) is
    `grid`.
    """

    config_name: ClassVar[str]
    """What to type to get it: `network=<config_name>`."""
    axes: ClassVar[int | None] = None
    """How many axes one example must have, its channels counted; None for any."""
    gives_maps: ClassVar[bool] = False
    """Whether it can make codes that are feature maps."""
    unit_norm: ClassVar[bool] = False
    """Whether the lengths of its decoder's weights are fixed, so that nothing can shrink them."""
    skips: ClassVar[bool] = False
    """Whether its decoder needs the encoder's hidden layers too, so that a code alone cannot be decoded."""

    def __init__(self, encoder: Layers, decoder: Layers, grid: tuple[int, int] | None = None) -> None:
        super().__init__()
        self.encoder, self.decoder, self.grid = encoder, decoder, grid

    @classmethod
    def check(cls, sizes: Sizes) -> None:
        """Whether this network fits data and code of these sizes.

        Raises:
            UserError: it does not; the message names one that does.
        """
        axes = len(sizes.shape)
        if cls.axes not in (None, axes):
            # codes that are maps come of images alone: another network would be refused next
            advice = ADVICE.get(axes, "network=mlp") if not sizes.maps or axes == 3 else "another model"
            raise UserError(
                f"network={cls.config_name} needs {KINDS[cls.axes or 0]}, but data.shape is {list(sizes.shape)}. "
                f"Use {advice}."
            )
        if sizes.maps and not cls.gives_maps:
            raise UserError(
                f"network={cls.config_name} gives codes that are plain vectors, but this model's codes are feature "
                "maps. Use network=conv, network=conv_pool or network=resnet."
            )

    def back(self, z: Tensor, hidden: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The decoder's output for codes z, and its hidden layers; `hidden` are the encoder's, of the same pass."""
        return self.decoder.trace(z)

    def encoder_matrix(self) -> Tensor | None:
        """The matrix (features, inputs) of an encoder that is one affine map; None for any other."""
        match list(self.encoder.layers):
            case [nn.Sequential() as only] if [type(part) for part in only] == [nn.Flatten, nn.Linear]:
                return cast(Tensor, only[1].weight)
        return None


class NetworkFactory(Protocol):
    """What a `network` node of the configuration builds: everything chosen but the sizes."""

    def __call__(self, sizes: Sizes) -> Network: ...
