"""The three parts of a VAE's divergence from its prior."""

from abc import abstractmethod

from torch import Tensor

from src.contracts import Autoencoding, GaussianCode, Reconstruction
from src.regularizers.aggregate_posterior import AggregatePosterior, Densities
from src.regularizers.base import Regularizer
from src.schedules import Weight


class KLPart(Regularizer):
    """One part of E KL(q(z|x) || N(0, I)), (B,) in nats; the three add up to log q(z|x) - log p(z) of each code drawn.

    Chen et al., "Isolating sources of disentanglement in variational autoencoders", NeurIPS 2018, equation 2.

    Args:
        aggregate: estimates q(z); give all three the same one and it works once a pass.
    """

    needs = GaussianCode

    def __init__(self, weight: Weight, aggregate: AggregatePosterior) -> None:
        super().__init__(weight)
        self.aggregate = aggregate

    def prepare(self, train_size: int) -> None:
        self.aggregate.prepare(train_size)

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        return self.part(self.aggregate(out))

    @abstractmethod
    def part(self, at: Densities) -> Tensor:
        """The part of each code, (B,)."""


class MutualInformation(KLPart):
    """log q(z|x) - log q(z): what a code tells of which image it is."""

    def part(self, at: Densities) -> Tensor:
        return at.posterior - at.joint


class Dependence(KLPart):
    """log q(z) - sum_d log q(z_d): how far the units are from independent, the total correlation of q(z)."""

    def part(self, at: Densities) -> Tensor:
        return at.joint - at.product


class DimensionWiseKL(KLPart):
    """sum_d log q(z_d) - log p(z_d): how far each unit by itself is from the prior."""

    def part(self, at: Densities) -> Tensor:
        return at.product - at.prior
