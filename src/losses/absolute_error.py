"""The absolute error."""

from torch import Tensor

from src.losses.base import PixelLoss


class AbsoluteError(PixelLoss):
    """sum_i |x_i - raw_i|: the negative log-likelihood of a Laplace decoder of unit scale, less its constant."""

    def per_pixel(self, raw: Tensor, x: Tensor) -> Tensor:
        return (raw - x).abs()
