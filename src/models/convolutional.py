"""An autoencoder of convolutions."""

from typing import Unpack, final

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.models.base import Parts, ReconstructionModule
from src.networks import ConvNetwork
from src.ranges import PositiveInt


@final
class ConvolutionalAutoencoder(ReconstructionModule):
    """x_hat = g(f(x)), f a stack of strided convolutions and a linear map, g its mirror image.

    min ||x - x_hat||^2. Masci et al., "Stacked convolutional auto-encoders for hierarchical feature extraction",
    ICANN 2011.
    """

    network_type = ConvNetwork

    def __init__(
        self, latent_dim: PositiveInt, code_activation: Activation = "identity", **parts: Unpack[Parts]
    ) -> None:
        super().__init__(Deterministic(latent_dim, code_activation), parts)
