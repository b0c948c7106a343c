"""Few units awake."""

from typing import Literal, Unpack, final

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.models.base import Parts, ReconstructionModule
from src.ranges import PositiveInt
from src.regularizers import L1Activity
from src.schedules import Weight


@final
class SparseAutoencoder(ReconstructionModule):
    """min ||x - g(f(x))||^2 + sparsity * sum_j |f_j(x)|, f a rectified code, so that units can be exactly asleep.

    Goodfellow, Bengio & Courville, "Deep Learning", 2016, section 14.2.1; Ng, "Sparse autoencoder", CS294A notes, 2011
    (whose KL term is regularizer=kl_sparsity).

    Args:
        sparsity: weight of the L1 norm, logged as the term `l1`.
        layers: "code" penalises the code alone, "all" every hidden layer too.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        sparsity: Weight = 0.1,
        layers: Literal["code", "all"] = "code",
        code_activation: Activation = "relu",
        **parts: Unpack[Parts],
    ) -> None:
        super().__init__(Deterministic(latent_dim, code_activation), parts, terms={"l1": L1Activity(sparsity, layers)})
