"""A code of categories."""

from typing import Annotated, Unpack, final

from annotated_types import Ge

from src.bottlenecks import Categorical
from src.models.base import Parts, ReconstructionModule
from src.priors import UniformCategorical
from src.ranges import PositiveFloat, PositiveInt
from src.regularizers import CategoricalKL
from src.schedules import Schedule, Weight


@final
class CategoricalAutoencoder(ReconstructionModule):
    """min E_{q(z|x)}[L(x, g(z))] + beta * KL(q(z|x) || uniform), z relaxed samples of categorical variables:

    z_v = softmax((log p_v(x) + Gumbel noise) / temperature). Jang, Gu & Poole, "Categorical reparameterization with
    Gumbel-softmax", ICLR 2017; Maddison, Mnih & Teh, "The concrete distribution", ICLR 2017. Its code counts as one
    symbol for each variable.

    Args:
        latent_dim: categorical variables.
        categories: values that each can take.
        beta: weight of the divergence, logged as the term `kl`.
        temperature: a number, or a schedule over training progress: the higher, the smoother the gradient; the lower,
            the nearer are samples to one-hot.
        hard: whether samples are one-hot at any temperature, with the gradient of the relaxed ones.

    Raises:
        UserError: a scheduled temperature starts or ends at 0 or below.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        categories: Annotated[int, Ge(2)] = 16,
        beta: Weight = 1.0,
        temperature: PositiveFloat | Schedule = 0.5,
        hard: bool = False,
        **parts: Unpack[Parts],
    ) -> None:
        bottleneck = Categorical(latent_dim, categories, temperature, hard)
        prior = UniformCategorical(latent_dim, categories)
        super().__init__(bottleneck, parts, {"kl": CategoricalKL(beta)}, prior)
