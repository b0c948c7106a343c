"""What every bottleneck is: it turns the encoder's features into a code."""

import math
from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from src.contracts import Code


class Bottleneck(nn.Module, ABC):
    """Features (B, `features`) -> `Code` of width `latent_dim`; with `maps` both are maps (B, channels, h, w).

    Args:
        latent_dim: width of what the decoder reads.
        features: width of what it reads itself, from the encoder.
        maps: whether the code is feature maps; both widths are channels then.
    """

    code_type: ClassVar[type[Code]] = Code
    code_range: tuple[float, float] = (float("-inf"), float("inf"))
    """Between which values every unit of the code lies."""
    scheduled: bool = False
    """Whether it changes with `progress`."""
    progress: float = 1.0
    """How far training has come, in [0, 1]; it stands at 1 outside training."""

    def __init__(self, latent_dim: int, features: int, maps: bool = False) -> None:
        super().__init__()
        self.latent_dim, self.features, self.maps = latent_dim, features, maps
        self.reads = latent_dim
        """How many of the code's numbers (or channels), from the first on, the decoder reads."""

    @abstractmethod
    def forward(self, features: Tensor) -> Code:
        """The code; a stochastic one stands at its mean."""

    def code_size(self, grid: tuple[int, int] | None) -> int:
        """Numbers (or symbols) of one image's code, `grid` the height and width of maps."""
        return self.latent_dim * math.prod(grid or ())

    def watch(self, code: Code) -> dict[str, Tensor]:
        """What is logged of a pass's code as it was drawn, (B,) or () each.

        In training it also takes note of what the code used (which units, which entries): each pass of a step comes by
        here once, however often terms encode again.
        """
        return {}

    def slope(self, code: Code) -> Tensor | None:
        """dz_j / dfeature_j of each unit, (B, D), where z_j follows from feature j alone in a simple way; else None."""
        return None
