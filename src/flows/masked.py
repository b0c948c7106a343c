"""A network whose outputs are autoregressive."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from src.contracts import full_precision


class MaskedNetwork(nn.Module):
    """`outputs` numbers for each z_i that depend on z_1 ... z_{i-1} and the context alone.

    Germain et al., "MADE: masked autoencoder for distribution estimation", ICML 2015: a hidden unit of degree d reads
    z_1 ... z_d, and what belongs to z_i reads hidden units of degree below i. Units of degree 0 read the context only,
    and so give z_1 its share of it.

    Args:
        latent_dim: D, how many z_i there are.
        context: C, numbers that every output may depend on.
        hidden: units of the hidden layer; at least D, or some outputs cannot see all that they may.
    """

    def __init__(self, latent_dim: int, context: int, hidden: int, outputs: int) -> None:
        super().__init__()
        places, degrees = torch.arange(1, latent_dim + 1), torch.arange(hidden) % latent_dim
        self.reads = MaskedLinear(degrees[:, None] >= places)
        self.is_told = MaskedLinear(torch.ones(hidden, context, dtype=torch.bool))
        self.tells = MaskedLinear((places[:, None] > degrees).repeat(outputs, 1))
        self.outputs = outputs

    def forward(self, z: Tensor, context: Tensor) -> tuple[Tensor, ...]:
        """z (..., B, D) and context (B, C) -> `outputs` tensors (..., B, D)."""
        hidden = F.elu(self.reads(z) + self.is_told(context))
        return self.tells(hidden).chunk(self.outputs, dim=-1)


class MaskedLinear(nn.Linear):
    """An affine map, computed in float32 or wider, whose weights are 0 where `mask` (outputs, inputs) is False."""

    mask: Tensor

    def __init__(self, mask: Tensor) -> None:
        outputs, inputs = mask.shape
        super().__init__(inputs, outputs)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = full_precision(self.weight), full_precision(self.bias)
        return F.linear(x, weight * self.mask, bias)
