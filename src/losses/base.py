"""What every reconstruction loss is."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from src.contracts import full_precision


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

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """Raise `UserError` where examples of `shape`, without the batch, cannot be this loss's target."""

    @abstractmethod
    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        """The loss of each image, (B,), of raw (B, raw channels, ...) and x (B, channels, ...)."""


class PixelLoss(ReconstructionLoss):
    """A loss that is a sum over pixels and channels."""

    @abstractmethod
    def per_pixel(self, raw: Tensor, x: Tensor) -> Tensor:
        """The part of each pixel and channel, shaped as x; both come in float32 or wider."""

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        return self.per_pixel(full_precision(raw), full_precision(x)).flatten(1).sum(1)


class Likelihood(PixelLoss):
    """-sum_i log p(x_i | raw) in nats, p a normalised density (or probability) of each pixel given raw.

    Only with such a loss does a VAE bound log p(x).
    """

    binary: ClassVar[bool] = False
    """Whether it is one only of pixels that are 0 or 1."""

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """log p(x | raw) in nats, (B,), its constant included."""
        return -self(raw, x)
