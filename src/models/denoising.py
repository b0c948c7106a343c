"""Learning by repairing."""

from typing import Unpack, final

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.ranges import PositiveInt


@final
class DenoisingAutoencoder(ReconstructionModule):
    """min E_{x' ~ q(x'|x)} ||x - g(f(x'))||^2: the encoder sees x corrupted, the target is x clean.

    Vincent et al., "Extracting and composing robust features with denoising autoencoders", ICML 2008.
    `test/se` and its like are from the clean image; `test/denoised_*` from the corrupted one, and `test/noisy_*` say
    how far the corrupted image itself is from the clean one.

    Raises:
        UserError: there is no corruption.
    """

    def __init__(
        self, latent_dim: PositiveInt, code_activation: Activation = "identity", **parts: Unpack[Parts]
    ) -> None:
        if parts["corruption"] is None:
            raise UserError(
                "model=denoising has nothing to repair without a corruption. Add corruption=gaussian (or masking, "
                "salt_and_pepper), or use model=undercomplete."
            )
        super().__init__(Deterministic(latent_dim, code_activation), parts)
