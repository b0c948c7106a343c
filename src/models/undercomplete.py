"""The plain autoencoder: a code narrower than the input."""

import math
from typing import Unpack, final

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.ranges import PositiveInt


@final
class UndercompleteAutoencoder(ReconstructionModule):
    """x_hat = g(f(x)), the code f(x) (B, D) narrower than x: the bottleneck is the only constraint.

    min ||x - g(f(x))||^2. Hinton & Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313, 2006.

    Raises:
        UserError: the code is not narrower than the input.
    """

    def __init__(
        self, latent_dim: PositiveInt, code_activation: Activation = "identity", **parts: Unpack[Parts]
    ) -> None:
        if latent_dim >= (inputs := math.prod(parts["shape"])):
            raise UserError(
                f"model.latent_dim={latent_dim} is not narrower than the {inputs} numbers of one example. "
                f"Use model.latent_dim={inputs - 1} or less, or model=overcomplete."
            )
        super().__init__(Deterministic(latent_dim, code_activation), parts)
