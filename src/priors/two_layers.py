"""The prior of a code in two layers."""

import torch
from torch import Tensor, nn

from src.bottlenecks import Gaussian
from src.contracts import GaussianCode
from src.priors.base import Prior
from src.priors.standard_normal import StandardNormal

_WIDTH = 128


class TwoLayers(Prior):
    """p(z_1, z_2) = N(z_2; 0, I) N(z_1; mean(z_2), std(z_2)^2) of codes z = [z_1, z_2].

    Args:
        bottom: D1, numbers of z_1.
        top: D2, numbers of z_2.
    """

    def __init__(self, bottom: int, top: int) -> None:
        super().__init__()
        self.sizes = (bottom, top)
        self.top = StandardNormal(top)
        self.down = nn.Sequential(nn.Linear(top, _WIDTH), nn.ELU(), nn.Linear(_WIDTH, 2 * bottom), Gaussian(bottom))

    def below(self, z_2: Tensor) -> GaussianCode:
        """p(z_1|z_2) of z_2 (..., D2)."""
        code: GaussianCode = self.down(z_2.to(self.top.origin.dtype))  # a code is float32 in a bf16 model too
        return code

    def sample(self, n: int) -> Tensor:
        z_2 = self.top.sample(n)
        z_1 = self.below(z_2)
        return torch.cat([z_1.mean + z_1.std * torch.randn_like(z_1.mean), z_2], 1)

    def log_prob(self, z: Tensor) -> Tensor:
        z_1, z_2 = z.split(self.sizes, -1)
        return self.top.log_prob(z_2) + self.below(z_2).log_density(z_1)
