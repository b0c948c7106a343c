"""An autoencoder of convolutions."""

from typing import Unpack, final

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.models.base import Parts, ReconstructionModule
from src.networks import ConvolutionalNetwork
from src.ranges import PositiveInt


@final
class ConvolutionalAutoencoder(ReconstructionModule):
    """x_hat = g(f(x)), f a stack of convolutions that shrink the image and a linear map, g its mirror image.

    Strides shrink it (network=conv), pooling (conv_pool) or strided residual blocks (resnet).
    min ||x - x_hat||^2. Masci et al., "Stacked convolutional auto-encoders for hierarchical feature extraction",
    ICANN 2011.
    """

    network_type = ConvolutionalNetwork

    def __init__(
        self, latent_dim: PositiveInt, code_activation: Activation = "identity", **parts: Unpack[Parts]
    ) -> None:
        super().__init__(Deterministic(latent_dim, code_activation), parts)
