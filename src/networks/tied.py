"""Layers of a decoder whose weights are those of the encoder, transposed."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from src.errors import UserError
from src.networks.base import Sizes


class Transposed(nn.Module):
    """y = W[:rows]^T x + c with the weight W of another layer and a bias c of its own.

    x (B, rows) -> (B, inputs of that layer). The weight stays one tensor: it is among the parameters and in the
    checkpoint once, as the encoder's.
    """

    def __init__(self, layer: nn.Linear, rows: int | None = None) -> None:
        super().__init__()
        self._layer = (layer,)  # in a tuple, or its weight would be registered here too
        self.rows = layer.out_features if rows is None else rows
        bound = self.rows**-0.5  # as torch.nn.Linear starts
        self.bias = nn.Parameter(torch.empty(layer.in_features).uniform_(-bound, bound))

    @property
    def weight(self) -> Tensor:
        """(inputs of that layer, rows), as of a layer of its own."""
        return self._layer[0].weight[: self.rows].T

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


def transposed(encoder: Sequence[nn.Linear], sizes: Sizes) -> list[nn.Module]:
    """The decoder's layers for the layers of an encoder.

    Features that are means and log variances are two for each number of the code: the decoder reads the code by what
    made the means, the first half of the last layer's rows.

    Raises:
        UserError: the decoder must read or make other numbers than the encoder makes or reads.
    """
    if sizes.raw_channels != sizes.shape[0]:
        raise UserError(
            f"network.tied=true gives back what the encoder reads, but that has {sizes.shape[0]} channels and the "
            f"decoder makes {sizes.raw_channels}. Use network.tied=false."
        )
    if sizes.latent_dim not in (sizes.features, sizes.features / 2):
        raise UserError(
            f"network.tied=true decodes by what made the code, but the decoder is given {sizes.latent_dim} numbers and "
            f"the encoder makes {sizes.features}. Use network.tied=false."
        )
    *inner, last = encoder
    return [Transposed(last, sizes.latent_dim), *(Transposed(layer) for layer in reversed(inner))]
