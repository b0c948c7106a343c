"""A code that hardly moves when the input does."""

from typing import Unpack, final

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.models.base import Parts, ReconstructionModule
from src.ranges import PositiveInt
from src.regularizers import Contractive
from src.schedules import Weight


@final
class ContractiveAutoencoder(ReconstructionModule):
    """min loss(x, g(f(x))) + contraction * ||J_f(x)||_F^2, J_f(x) (D, inputs) the encoder's Jacobian.

    Rifai et al., "Contractive auto-encoders: explicit invariance during feature extraction", ICML 2011. How the norm is
    computed stands at `src.regularizers.Contractive`.

    Args:
        contraction: weight of the penalty, logged as the term `contractive`.
        probes: random directions of the estimate; null takes the exact norm for codes of up to 16 units.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        contraction: Weight = 0.1,
        probes: PositiveInt | None = None,
        code_activation: Activation = "sigmoid",
        **parts: Unpack[Parts],
    ) -> None:
        terms = {"contractive": Contractive(contraction, probes)}
        super().__init__(Deterministic(latent_dim, code_activation), parts, terms)
