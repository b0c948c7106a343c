"""Few units awake, by a target for how often each is."""

from typing import Unpack, final

from src.bottlenecks import Deterministic
from src.models.base import Parts, ReconstructionModule
from src.ranges import OpenFraction, PositiveInt
from src.regularizers import KLSparsity
from src.schedules import Weight


@final
class KLSparseAutoencoder(ReconstructionModule):
    """min L(x, g(f(x))) + sparsity * sum_j KL(Bernoulli(target) || Bernoulli(r_j)), r_j the mean activity of unit j.

    Ng, "Sparse autoencoder", CS294A notes, 2011. The code is sigmoid, so that a mean over the batch is a probability.

    Args:
        sparsity: weight of the divergence, logged as the term `kl_sparsity`.
        target: the mean activity that each unit is drawn to.
    """

    def __init__(
        self, latent_dim: PositiveInt, sparsity: Weight = 1.0, target: OpenFraction = 0.05, **parts: Unpack[Parts]
    ) -> None:
        terms = {"kl_sparsity": KLSparsity(sparsity, target)}
        super().__init__(Deterministic(latent_dim, "sigmoid"), parts, terms)
