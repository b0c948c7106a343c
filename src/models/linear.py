"""The autoencoder that is PCA."""

from typing import Unpack, final

from src.bottlenecks import Deterministic
from src.models.base import Parts, ReconstructionModule
from src.networks import LinearNetwork
from src.ranges import PositiveInt


@final
class LinearAutoencoder(ReconstructionModule):
    """x_hat = V (W x + b) + c; with the squared error its best solution spans the first principal components.

    min ||x - x_hat||^2, W (D, inputs), V (inputs, D).
    Baldi & Hornik, "Neural networks and principal component analysis", Neural Networks 2, 1989.
    """

    network_type = LinearNetwork

    def __init__(self, latent_dim: PositiveInt, **parts: Unpack[Parts]) -> None:
        super().__init__(Deterministic(latent_dim), parts)
