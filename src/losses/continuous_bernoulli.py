"""Grey levels between black and white."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from src.contracts import full_precision
from src.errors import UserError
from src.losses.base import Likelihood
from src.ranges import shown

_NEAR_ZERO = 0.2
"""Logits below which the closed forms lose digits to cancellation, and a few terms of their series lose none."""


class ContinuousBernoulliLoss(Likelihood):
    """-sum_i (log C(p_i) + x_i log p_i + (1 - x_i) log(1 - p_i)) in nats, with p = sigmoid(raw): a density on [0, 1].

    C(p) = 2 artanh(1 - 2p) / (1 - 2p), which in the logit l = raw is l / tanh(l / 2); C(1/2) = 2. Loaiza-Ganem &
    Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational autoencoders", NeurIPS 2019.

    The image is the mean of that density, 1 / (1 - exp(-l)) - 1 / l, as the reconstruction of the other likelihoods is
    theirs: it is what raw must say to fit the mean of the pixels seen, d loss / d raw = mean - x. The parameter p is no
    grey level: it lies nearer to black or white than the mean.

    Raises:
        UserError: pixels may lie outside [0, 1].
    """

    def image(self, raw: Tensor) -> Tensor:
        return mean(full_precision(raw)).to(raw.dtype)

    def check_range(self, low: float, high: float) -> None:
        if low < 0 or high > 1:
            raise UserError(
                "loss=continuous_bernoulli is a density over grey levels in [0, 1], but data.range is "
                f"{shown((low, high))}. Use loss=gaussian or loss=mse, or data.range=[0,1]."
            )

    def per_pixel(self, raw: Tensor, x: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(raw, x, reduction="none") - log_constant(raw)


def log_constant(logit: Tensor) -> Tensor:
    """log C = log(l / tanh(l / 2)), in nats."""
    near, safe = _split(logit)
    squared = torch.where(near, logit, 0.0).square()
    series = math.log(2) + squared * (1 / 12 - squared * (7 / 1440 - squared * (31 / 90720)))
    return torch.where(near, series, safe.log() - (safe / 2).tanh().log())


def mean(logit: Tensor) -> Tensor:
    """The mean of the density, 1/2 + 1 / (2 tanh(l / 2)) - 1 / l, in (0, 1)."""
    near, safe = _split(logit)
    small = torch.where(near, logit, 0.0)
    squared = small.square()
    series = small * (1 / 12 - squared * (1 / 720 - squared / 30240))
    return 0.5 + torch.where(near, series, logit.sign() * (0.5 / (safe / 2).tanh() - 1 / safe))


def _split(logit: Tensor) -> tuple[Tensor, Tensor]:
    """Where the series holds, and |l| with 1 in those places: a branch not taken must not make a gradient NaN."""
    near = logit.abs() < _NEAR_ZERO
    return near, torch.where(near, 1.0, logit.abs())
