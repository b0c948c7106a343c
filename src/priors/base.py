"""What every prior is: the distribution that codes are drawn from when a model makes new images."""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class Prior(nn.Module, ABC):
    """A distribution over codes."""

    @property
    def ready(self) -> bool:
        """Whether it can be drawn from; one that is fitted to codes cannot, before."""
        return True

    @abstractmethod
    def sample(self, n: int) -> Tensor:
        """n codes (n, D), or (n, D, h, w) for maps."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """log p(z) in nats, (..., D) -> (...)."""
