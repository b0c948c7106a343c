"""The squared Frobenius norm of the decoder's Jacobian."""

from typing import cast

import torch
from torch import Tensor
from torch.func import jvp, vmap

from src.contracts import Autoencoding, Reconstruction, full_precision
from src.ranges import PositiveInt
from src.regularizers.base import Regularizer
from src.schedules import Weight

EXACT_UP_TO = 16
"""Code widths up to which the exact norm is taken: D decoder passes an image."""


class GradientPenalty(Regularizer):
    """||J||_F^2 = sum_ij (dx_hat_i / dz_j)^2 of each image, (B,), at its code z: a picture that hardly moves with it.

    Ghosh et al., "From variational to deterministic autoencoders", ICLR 2020 (RAE-GP). J is the Jacobian of the decoded
    image, of what `loss.image` makes of the raw output. Computed column by column in forward mode,

    - exactly, for codes of up to 16 numbers;
    - by `probes` random directions v ~ N(0, I) otherwise, since E ||J v||^2 = ||J||_F^2: unbiased, its standard
      deviation falls with 1 / sqrt(probes). Without `probes` a wider code takes one.

    In training one dropout mask is drawn anew for the penalty. All of it is computed without autocast.

    Args:
        probes: how many random directions; None takes the exact norm of a code of up to 16 numbers.
    """

    reads = frozenset({"decode"})

    def __init__(self, weight: Weight, probes: PositiveInt | None = None) -> None:
        super().__init__(weight)
        self.probes = probes

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        z = out.code.z
        with torch.autocast(z.device.type, enabled=False):
            if self.probes is None and z[0].numel() <= EXACT_UP_TO:
                units = torch.eye(z[0].numel()).to(z).view(-1, 1, *z.shape[1:])
                return pushed_sq_norms(model, z, out.y, units.expand(-1, *z.shape)).sum(0)
            directions = torch.stack([out.noise.normal(z) for _ in range(self.probes or 1)])
            return pushed_sq_norms(model, z, out.y, directions).mean(0)


def pushed_sq_norms(model: Autoencoding, z: Tensor, y: Tensor, directions: Tensor) -> Tensor:
    """||J(z) v||^2 of each code z (B, ...) and each of its k directions v (k, B, ...), (k, B)."""

    def pushed(v: Tensor) -> Tensor:
        return cast(Tensor, jvp(lambda z: model.image(model.decode(z, y)), (z,), (v,))[1])

    columns = vmap(pushed, randomness="same")(directions)  # one draw of dropout has one Jacobian
    return full_precision(columns).square().flatten(2).sum(2)
