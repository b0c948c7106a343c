"""A posterior in two layers, where what the image says and what the upper layer says meet."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from src.bottlenecks.base import Bottleneck
from src.bottlenecks.gaussian import Gaussian
from src.contracts import Code, GaussianCode, Noise, StochasticCode

_WIDTH = 128


@dataclass(frozen=True)
class LadderCode(StochasticCode):
    """z = [z_1, z_2] with q(z|x) = q(z_2|x) q(z_1|z_2, x), and q(z_1|z_2, x) ~ message(z_1; x) p(z_1|z_2).

    The product of the two normal densities is normal again: its precision is the sum of theirs, its mean their mean
    weighted by precision (Sønderby et al. 2016, equations 17 to 19).
    """

    top: GaussianCode
    """q(z_2|x), D2 numbers."""
    message: GaussianCode
    """What the image alone says of z_1, D1 numbers."""
    below: Callable[[Tensor], GaussianCode]
    """p(z_1|z_2) of z_2 (..., D2)."""

    def bottom(self, z_2: Tensor) -> GaussianCode:
        """q(z_1|z_2, x) of z_2 (..., B, D2)."""
        told, prior = self.message, self.below(z_2)
        both = told.std.square() + prior.std.square()
        mean = prior.mean + (told.mean - prior.mean) * prior.std.square() / both
        return GaussianCode(mean, mean, told.std * prior.std / both.sqrt())

    def drawn(self, noise: Noise) -> "LadderCode":
        return replace(self, z=self._samples(1, noise)[0])

    @property
    def log_q(self) -> Tensor:
        return self._log_density(self.z)

    def rsample(self, k: int, noise: Noise) -> tuple[Tensor, Tensor]:
        z = self._samples(k, noise)
        return z, self._log_density(z)

    def _samples(self, k: int, noise: Noise) -> Tensor:
        eps_1, eps_2 = self._parts(torch.stack([noise.normal(self.z) for _ in range(k)]))
        z_2 = self.top.mean + self.top.std * eps_2
        bottom = self.bottom(z_2)
        return torch.cat([bottom.mean + bottom.std * eps_1, z_2], -1)

    def _log_density(self, z: Tensor) -> Tensor:
        """log q(z|x) of z (..., B, D1 + D2), (..., B)."""
        z_1, z_2 = self._parts(z)
        return self.top.log_density(z_2) + self.bottom(z_2).log_density(z_1)

    def _parts(self, z: Tensor) -> tuple[Tensor, Tensor]:
        z_1, z_2 = z.split([self.message.mean.shape[-1], self.top.mean.shape[-1]], -1)
        return z_1, z_2


class Ladder(Bottleneck):
    """Features are the message about z_1, then d_1, from which a layer of its own, d_2, makes q(z_2|x).

    The decoder reads z_1 alone, the first numbers of the code.

    Args:
        latent_dim: D1 + D2, numbers of both layers together.
        top: D2, numbers of the upper one.
        below: p(z_1|z_2), the prior's.
    """

    code_type = LadderCode

    def __init__(self, latent_dim: int, top: int, below: Callable[[Tensor], GaussianCode]) -> None:
        super().__init__(latent_dim, 2 * (latent_dim - top) + _WIDTH)
        self.reads = latent_dim - top
        self.message, self.below = Gaussian(self.reads), below
        layer = nn.Sequential(nn.ELU(), nn.Linear(_WIDTH, _WIDTH), nn.ELU())
        self.up = nn.Sequential(layer, nn.Linear(_WIDTH, 2 * top), Gaussian(top))

    def forward(self, features: Tensor) -> LadderCode:
        message, d_1 = features.split([2 * self.reads, _WIDTH], dim=1)
        top = self.up(d_1)
        code = LadderCode(top.mean, top, self.message(message), self.below)
        return replace(code, z=torch.cat([code.bottom(top.mean).mean, top.mean], -1))

    def watch(self, code: Code) -> dict[str, Tensor]:
        """`kl_top`, KL(q(z_2|x) || N(0, I)) of each image in nats: whether the upper layer is used at all."""
        assert isinstance(code, LadderCode)
        return {"kl_top": code.top.kl.sum(1)}
