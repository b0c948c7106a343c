"""The code of the classic autoencoders."""

from torch import Tensor

from src.activations import ACTIVATIONS, Activation
from src.bottlenecks.base import Bottleneck
from src.contracts import Code


class Deterministic(Bottleneck):
    """z = activation(features)."""

    def __init__(self, latent_dim: int, activation: Activation = "identity", maps: bool = False) -> None:
        super().__init__(latent_dim, latent_dim, maps)
        self.activation = ACTIVATIONS[activation].build()
        self.code_range = ACTIVATIONS[activation].range
        self._slope = ACTIVATIONS[activation].slope

    def forward(self, features: Tensor) -> Code:
        return Code(self.activation(features))

    def slope(self, code: Code) -> Tensor | None:
        return self._slope(code.z) if self._slope else None
