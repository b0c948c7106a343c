"""The squared error."""

from torch import Tensor

from src.losses.base import PixelLoss


class SquaredError(PixelLoss):
    """sum_i (x_i - raw_i)^2: twice the negative log-likelihood of a unit-variance Gaussian, less its constant."""

    def per_pixel(self, raw: Tensor, x: Tensor) -> Tensor:
        return (raw - x).square()
