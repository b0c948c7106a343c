"""Squared for small errors, absolute for large ones."""

from torch import Tensor
from torch.nn import functional as F

from src.losses.base import PixelLoss
from src.ranges import PositiveFloat


class HuberLoss(PixelLoss):
    """sum_i h(x_i - raw_i), h(r) = r^2 / 2 where |r| <= delta, delta (|r| - delta / 2) beyond.

    Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35, 1964. So a few pixels that
    are far off do not outweigh all others. With delta above every error it is half the squared error; divided by a
    small delta it is the absolute error.

    Args:
        delta: the error, in the units of the pixels, up to which it is squared.
    """

    def __init__(self, delta: PositiveFloat = 0.1) -> None:
        super().__init__()
        self.delta = delta

    def per_pixel(self, raw: Tensor, x: Tensor) -> Tensor:
        return F.huber_loss(raw, x, reduction="none", delta=self.delta)
