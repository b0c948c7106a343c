"""Priors: the distribution that codes are drawn from when a model makes new images."""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class Prior(nn.Module, ABC):
    """A distribution over codes."""

    @abstractmethod
    def sample(self, n: int) -> Tensor:
        """n codes (n, D)."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """log p(z) in nats, (..., D) -> (...)."""


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
