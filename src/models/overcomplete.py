"""A code wider than the input, kept from copying by a regularizer."""

import math
from typing import Unpack, final

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.ranges import PositiveFloat


@final
class OvercompleteAutoencoder(ReconstructionModule):
    """x_hat = g(f(x)), the code f(x) `expansion` times as wide as x; without a regularizer it may learn to copy.

    min ||x - g(f(x))||^2 + sum_k weight_k regularizer_k.
    Goodfellow, Bengio & Courville, "Deep Learning", 2016, section 14.2.

    Args:
        expansion: width of the code as a multiple of the numbers in one example, above 1.

    Raises:
        UserError: the code is not wider than the input.
    """

    def __init__(
        self, expansion: PositiveFloat = 2.0, code_activation: Activation = "relu", **parts: Unpack[Parts]
    ) -> None:
        inputs = math.prod(parts["shape"])
        if (latent_dim := round(expansion * inputs)) <= inputs:
            raise UserError(
                f"model.expansion={expansion} makes a code of {latent_dim} for {inputs} inputs, which is not wider. "
                "Use model.expansion=2 or another number above 1, or model=undercomplete."
            )
        super().__init__(Deterministic(latent_dim, code_activation), parts)
