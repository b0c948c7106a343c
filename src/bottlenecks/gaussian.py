"""The code of the variational autoencoder."""

import torch
from torch import Tensor

from src.bottlenecks.base import Bottleneck
from src.contracts import Code, GaussianCode, full_precision


class Gaussian(Bottleneck):
    """Features are (mean, log variance); z ~ N(mean, std^2) (Kingma & Welling 2014).

    The log variance is kept within (-14, 14), so std within (1e-3, 1e3): beyond that float32 training only overflows.
    """

    code_type = GaussianCode

    def __init__(self, latent_dim: int) -> None:
        super().__init__(latent_dim, features=2 * latent_dim)

    def forward(self, features: Tensor) -> GaussianCode:
        mean, log_variance = full_precision(features).chunk(2, dim=-1)
        return GaussianCode(z=mean, mean=mean, std=(0.5 * _kept_within(log_variance)).exp())

    def slope(self, code: Code) -> Tensor | None:
        return torch.ones_like(code.z)  # the mean is feature j itself


def _kept_within(v: Tensor, free: float = 12.0, room: float = 2.0) -> Tensor:
    """v itself up to `free`, from there bent towards free + room, either way.

    Its slope, 1 / (1 + excess / room)^2, is small far out but never 0, as that of a clamp (or, in float32, a softplus)
    is: a unit that was thrown out there finds its way back.
    """
    inside = v.clamp(-free, free)
    excess = v - inside
    return inside + excess / (1 + excess.abs() / room)
