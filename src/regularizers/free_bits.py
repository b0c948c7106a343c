"""A divergence of which each unit has some for free."""

from torch import Tensor

from src.contracts import Autoencoding, GaussianCode, Reconstruction
from src.ranges import NonNegativeFloat
from src.regularizers.base import Regularizer
from src.schedules import Weight


class FreeBits(Regularizer):
    """sum_j max(free, mean over the batch of KL(q(z_j|x) || N(0, 1))), in nats, ().

    Kingma et al., "Improved variational inference with inverse autoregressive flow", NIPS 2016: as long as a unit
    tells less than `free`, telling more costs nothing, so it has no reason to fall silent. The mean is that of one
    process's minibatch.

    Args:
        free: nats that each unit may tell for free.
    """

    needs = GaussianCode

    def __init__(self, weight: Weight, free: NonNegativeFloat) -> None:
        super().__init__(weight)
        self.free = free

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        assert isinstance(out.code, GaussianCode)  # `check` has refused every other code
        return out.code.kl.mean(0).clamp(min=self.free).sum()
