"""The usual prior."""

import math

import torch
from torch import Tensor

from src.priors.base import Prior


class StandardNormal(Prior):
    """p(z) = N(0, I) in `latent_dim` dimensions."""

    origin: Tensor

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.register_buffer("origin", torch.zeros(latent_dim), persistent=False)  # tells the device and the type

    def sample(self, n: int) -> Tensor:
        return torch.randn(n, self.latent_dim, device=self.origin.device, dtype=self.origin.dtype)

    def log_prob(self, z: Tensor) -> Tensor:
        return -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
