"""Sparsity as a target for each unit's mean activity."""

import math

from torch import Tensor

from src.contracts import Autoencoding, Code, Reconstruction, full_precision
from src.errors import UserError
from src.ranges import OpenFraction
from src.regularizers.base import Regularizer
from src.schedules import Weight


class KLSparsity(Regularizer):
    """sum_j KL(Bernoulli(target) || Bernoulli(r_j)), r_j the mean activity of unit j over the batch, in nats, ().

    Ng, "Sparse autoencoder" (CS294A notes, 2011). The mean is over one process's batch: under DDP each has its own.

    Args:
        target: the mean activity that each unit is drawn to.

    Raises:
        UserError: codes are not confined to [0, 1], so a mean activity is no probability.
    """

    def __init__(self, weight: Weight, target: OpenFraction = 0.05) -> None:
        super().__init__(weight)
        self.target = target

    def check(self, name: str, code_type: type[Code], code_range: tuple[float, float]) -> None:
        super().check(name, code_type, code_range)
        if code_range != (0, 1):
            raise UserError(
                f"the term '{name}' reads a unit's mean activity as a probability, so codes must lie in [0, 1]. "
                "Set model.code_activation=sigmoid with a model that has this dial, such as model=undercomplete."
            )

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        mean = full_precision(out.code.z).flatten(1).mean(0).clamp(1e-6, 1 - 1e-6)
        awake = self.target * (math.log(self.target) - mean.log())
        asleep = (1 - self.target) * (math.log(1 - self.target) - (1 - mean).log())
        return (awake + asleep).sum()
