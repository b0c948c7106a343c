"""Pixels that are black or white."""

from torch import Tensor
from torch.nn import functional as F

from src.errors import UserError
from src.losses.base import Likelihood
from src.ranges import shown


class BernoulliLoss(Likelihood):
    """Binary cross-entropy, -sum_i x_i log p_i + (1 - x_i) log(1 - p_i) in nats, with p = sigmoid(raw).

    The negative log-likelihood of a Bernoulli decoder where x is 0 or 1; for grey levels in between it is a loss, not a
    likelihood (`ContinuousBernoulliLoss` is one). The image is p.

    Raises:
        UserError: pixels may lie outside [0, 1].
    """

    binary = True

    def image(self, raw: Tensor) -> Tensor:
        return raw.sigmoid()

    def check_range(self, low: float, high: float) -> None:
        if low < 0 or high > 1:
            raise UserError(
                "loss=bce reads pixels as probabilities, so they must lie in [0, 1]; data.range is "
                f"{shown((low, high))}. Use loss=mse, loss=l1 or loss=gaussian, or data.range=[0,1]."
            )

    def per_pixel(self, raw: Tensor, x: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(raw, x, reduction="none")
