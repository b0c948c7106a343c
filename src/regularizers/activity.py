"""Penalties on how strongly units answer."""

from typing import Literal

import torch
from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, full_precision
from src.regularizers.base import Regularizer
from src.schedules import Weight


class L1Activity(Regularizer):
    """sum_j |z_j| of each image: few units awake (Ng, "Sparse autoencoder", CS294A notes 2011, with L1 for the KL).

    Args:
        layers: "code" penalises the code; "all" the hidden layers of encoder and decoder too.
    """

    def __init__(self, weight: Weight, layers: Literal["code", "all"] = "code") -> None:
        super().__init__(weight)
        self.layers = layers

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        measured = (out.code.z, *out.hidden) if self.layers == "all" else (out.code.z,)
        return torch.stack([full_precision(units).abs().flatten(1).sum(1) for units in measured]).sum(0)


class L2Activity(Regularizer):
    """sum_j z_j^2 of each image: codes near the origin (the code penalty of Ghosh et al. 2020, without the half)."""

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        return full_precision(out.code.z).square().flatten(1).sum(1)
