"""Bottlenecks: what turns the encoder's features into a code."""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from src.activations import ACTIVATIONS, Activation
from src.contracts import Code, GaussianCode, full_precision


class Bottleneck(nn.Module, ABC):
    """Features (B, `features`) -> `Code` of width `latent_dim`."""

    code_type: ClassVar[type[Code]] = Code
    code_range: tuple[float, float] = (float("-inf"), float("inf"))
    """Between which values every unit of the code lies."""

    def __init__(self, latent_dim: int, features: int) -> None:
        super().__init__()
        self.latent_dim, self.features = latent_dim, features

    @abstractmethod
    def forward(self, features: Tensor) -> Code:
        """The code; a stochastic one stands at its mean."""

    def slope(self, code: Code) -> Tensor | None:
        """dz_j / dfeature_j of each unit, (B, D), where z_j follows from feature j alone in a simple way; else None."""
        return None


class Deterministic(Bottleneck):
    """z = activation(features)."""

    def __init__(self, latent_dim: int, activation: Activation = "identity") -> None:
        super().__init__(latent_dim, features=latent_dim)
        self.activation = ACTIVATIONS[activation].build()
        self.code_range = ACTIVATIONS[activation].range
        self._slope = ACTIVATIONS[activation].slope

    def forward(self, features: Tensor) -> Code:
        return Code(self.activation(features))

    def slope(self, code: Code) -> Tensor | None:
        return self._slope(code.z) if self._slope else None


class Gaussian(Bottleneck):
    """Features are (mean, log variance); z ~ N(mean, std^2) (Kingma & Welling 2014).

    The log variance is kept within [-14, 14], so std in [1e-3, 1e3]: beyond that float32 training only overflows.
    """

    code_type = GaussianCode

    def __init__(self, latent_dim: int) -> None:
        super().__init__(latent_dim, features=2 * latent_dim)

    def forward(self, features: Tensor) -> GaussianCode:
        mean, log_variance = full_precision(features).chunk(2, dim=1)
        return GaussianCode(z=mean, mean=mean, std=(0.5 * log_variance.clamp(-14, 14)).exp())

    def slope(self, code: Code) -> Tensor | None:
        return torch.ones_like(code.z)  # the mean is feature j itself
