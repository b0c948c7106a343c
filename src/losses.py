"""Reconstruction losses: raw decoder output against the image, one number per image, summed over pixels.

`x_hat = image(raw)` is what every metric and picture reads. Nothing here takes a mean: the mean over the batch is
taken once, in `LossBreakdown`.
"""

from abc import ABC, abstractmethod

from torch import Tensor, nn
from torch.nn import functional as F

from src.contracts import full_precision
from src.errors import UserError


class ReconstructionLoss(nn.Module, ABC):
    """The distance between an image and its reconstruction."""

    def raw_channels(self, channels: int) -> int:
        """How many channels the decoder must give for an image of `channels`."""
        return channels

    def image(self, raw: Tensor) -> Tensor:
        """(B, raw channels, ...) -> (B, channels, ...), in the data's range, not clipped."""
        return raw

    def check_range(self, low: float, high: float) -> None:
        """Raise `UserError` where values in [low, high] cannot be this loss's target."""

    @abstractmethod
    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """The loss of each image, (B,)."""


class BernoulliLoss(ReconstructionLoss):
    """Binary cross-entropy, -sum_i x_i log p_i + (1 - x_i) log(1 - p_i) in nats, with p = sigmoid(raw).

    The negative log-likelihood of a Bernoulli decoder where x is 0 or 1; for grey levels in between it is a loss, not a
    likelihood.
    """

    def image(self, raw: Tensor) -> Tensor:
        return raw.sigmoid()

    def check_range(self, low: float, high: float) -> None:
        if low < 0 or high > 1:
            raise UserError(
                f"loss=bce reads pixels as probabilities, so they must lie in [0, 1]; data.range is [{low}, {high}]. "
                "Use loss=mse or loss=l1, or data.range=[0,1]."
            )

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        loss = F.binary_cross_entropy_with_logits(full_precision(raw), full_precision(x), reduction="none")
        return loss.flatten(1).sum(1)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """log p(x | raw) in nats, (B,), for black-and-white x."""
        return -self(raw, x)


class SquaredError(ReconstructionLoss):
    """sum_i (x_i - raw_i)^2: twice the negative log-likelihood of a unit-variance Gaussian, less its constant."""

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        return (full_precision(raw) - full_precision(x)).square().flatten(1).sum(1)


class AbsoluteError(ReconstructionLoss):
    """sum_i |x_i - raw_i|: the negative log-likelihood of a Laplace decoder of unit scale, less its constant."""

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        return (full_precision(raw) - full_precision(x)).abs().flatten(1).sum(1)
