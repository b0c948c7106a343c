"""One affine map each way, made for codes wider than the image of which few units are awake."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

from src.networks.base import Layers, Network, Sizes


class DictionaryNetwork(Network):
    """features = W (x - c) + b, raw = V z + c: the columns of V are the atoms of a dictionary, each of length 1.

    Gao et al., "Scaling and evaluating sparse autoencoders", ICLR 2025, after Bricken et al., "Towards
    monosemanticity", 2023. W starts as V^T and b and c as 0, so that at first a unit answers to what it draws. The
    length of the columns is kept by dividing by it (Salimans & Kingma, "Weight normalization", NIPS 2016) and not by a
    correction after each step: the gradient has no part along a column by itself, and no kind of step needs to know.
    """

    config_name = "dictionary"
    unit_norm = True

    def __init__(self, sizes: Sizes) -> None:
        self.check(sizes)
        there, back = nn.Linear(sizes.inputs, sizes.features), nn.Linear(sizes.latent_dim, math.prod(sizes.raw_shape))
        nn.init.normal_(back.weight)
        parametrize.register_parametrization(back, "weight", UnitColumns())
        for bias in (there.bias, back.bias):
            nn.init.zeros_(bias)
        with torch.no_grad():  # as far as they go: features may be means and log variances, raw an image and more
            rows, columns = min(sizes.features, sizes.latent_dim), min(sizes.inputs, len(back.weight))
            there.weight[:rows, :columns] = back.weight[:columns, :rows].T
        encoder = Layers([nn.Sequential(nn.Flatten(), Without(back), there)])
        super().__init__(encoder, Layers([nn.Sequential(back, nn.Unflatten(1, sizes.raw_shape))]))

    def encoder_matrix(self) -> Tensor:
        return self.encoder.layers[0][2].weight  # type: ignore[index]


class UnitColumns(nn.Module):
    """Each column of a matrix (out, in), divided by its length."""

    def forward(self, w: Tensor) -> Tensor:
        return F.normalize(w, dim=0)

    def right_inverse(self, w: Tensor) -> Tensor:
        return self(w)


class Without(nn.Module):
    """x - c with the bias c of another layer; where x has more numbers than c has, or fewer, as far as both go."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self._layer = (layer,)  # in a tuple, or its parameters would be registered here too

    def forward(self, x: Tensor) -> Tensor:
        c = self._layer[0].bias
        return x - F.pad(c, (0, x.shape[1] - len(c)))
