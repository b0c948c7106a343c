"""What every flow is."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from src.contracts import full_precision


class Flow(nn.Module, ABC):
    """z -> z' and log |det dz'/dz|, so that log q(z') = log q(z) - log |det dz'/dz|.

    Args:
        latent_dim: D, numbers of a code.
        context: C, numbers that the encoder tells of each image, by which the map differs from image to image.
    """

    def __init__(self, latent_dim: int, context: int) -> None:
        super().__init__()
        self.latent_dim, self.context = latent_dim, context

    def forward(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """z (..., B, D) and context (B, C) -> z' (..., B, D) and log |det dz'/dz| in nats, (..., B)."""
        with torch.autocast(z.device.type, enabled=False):  # in half precision density and code would drift apart
            return self.flowed(full_precision(z), full_precision(context))

    @abstractmethod
    def flowed(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """The same, of what comes in float32 or wider."""
