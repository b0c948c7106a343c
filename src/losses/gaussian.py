"""A normal distribution around the reconstruction."""

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from src.contracts import full_precision
from src.errors import UserError
from src.losses.base import Likelihood
from src.ranges import PositiveFloat

_LOG_2PI = math.log(2 * math.pi)
_PACE = 10.0
"""How far the shared log-variance moves at a step, against a weight: Adam's steps are as small for it as for them, and
it would need thousands from a start that is a few nats off."""


class GaussianLoss(Likelihood):
    """-sum_i log N(x_i; mean_i, std_i^2) = sum_i ((x_i - mean_i)^2 / std_i^2 + log std_i^2 + log 2 pi) / 2, in nats.

    The mean is the image. A learned variance weighs the reconstruction against the other terms by itself, as beta of a
    VAE does by hand; it is learned as a logarithm and kept within bounds smoothly, by two softplus (Chua et al., "Deep
    reinforcement learning in a handful of trials using probabilistic dynamics models", NeurIPS 2018).

    Args:
        variance: "fixed"; "global", one learned number for all pixels (Rybkin et al., "Simple and effective VAE
            training with calibrated decoders", ICML 2021); "per_pixel", which the decoder tells in a second half of its
            channels: raw (B, 2 channels, ...) is mean and log-variance.
        std: in the units of the pixels; where the variance is learned, about what it starts from (Adam comes down from
            a start too large much faster than up from one too small).
        std_bounds: a learned standard deviation stays between these. Pixels that never change would drive a variance
            of their own to 0 and the density to infinity.

    Raises:
        UserError: std does not lie between the bounds.
    """

    def __init__(
        self,
        variance: Literal["fixed", "global", "per_pixel"] = "fixed",
        std: PositiveFloat = 0.1,
        std_bounds: tuple[PositiveFloat, PositiveFloat] = (0.01, 10.0),
    ) -> None:
        super().__init__()
        if variance != "fixed" and not std_bounds[0] < std < std_bounds[1]:
            raise UserError(
                f"loss.std={std} does not lie between loss.std_bounds={list(std_bounds)}, where a learned one must "
                f"stay. Use e.g. loss.std={math.sqrt(std_bounds[0] * std_bounds[1]):.3g}, or wider bounds."
            )
        self.variance, self.start = variance, 2 * math.log(std)
        self.low, self.high = (2 * math.log(bound) for bound in std_bounds)
        if variance == "global":
            self.shift = nn.Parameter(torch.zeros(()))

    def raw_channels(self, channels: int) -> int:
        return 2 * channels if self.variance == "per_pixel" else channels

    def image(self, raw: Tensor) -> Tensor:
        return raw.chunk(2, dim=1)[0] if self.variance == "per_pixel" else raw

    def log_variance(self, raw: Tensor) -> Tensor:
        """log std^2, of each pixel (B, channels, ...) or of all, ()."""
        if self.variance == "fixed":
            return raw.new_full((), self.start)
        shift = raw.chunk(2, dim=1)[1] if self.variance == "per_pixel" else _PACE * full_precision(self.shift)
        return soft_clamp(self.start + shift, self.low, self.high)

    def per_pixel(self, raw: Tensor, x: Tensor) -> Tensor:
        log_variance = self.log_variance(raw)
        return 0.5 * ((x - self.image(raw)).square() * (-log_variance).exp() + log_variance + _LOG_2PI)


def soft_clamp(v: Tensor, low: float, high: float) -> Tensor:
    """v well within (low, high), bent smoothly towards the bounds: its slope is nowhere 0, as a hard clamp's is."""
    return low + F.softplus(high - F.softplus(high - v) - low)
