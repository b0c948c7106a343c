"""What every corruption is."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn

from src.contracts import Noise, full_precision
from src.corruptions.strength import Strength
from src.errors import UserError
from src.ranges import ends

_KINDS = {1: "tables [features]", 2: "series [channels, length]", 3: "images [channels, height, width]"}
"""What examples are, by the number of their axes."""


class Corruption(nn.Module, ABC):
    """A random map on examples: x (B, *shape) -> (corrupted x, kept), the target staying clean.

    `kept` is a boolean mask shaped as x, False where a value was replaced outright, or None where every value still
    carries its signal. All random numbers come from `noise`, so that outside training an example meets the same
    damage in any batch. A strength (standard deviation, fraction, ...) is a number or a `Schedule` over training.
    """

    config_name: ClassVar[str]
    """How the configuration calls it."""
    works_on: ClassVar[tuple[int, ...]] = ()
    """How many axes examples may have: 1 in tables, 2 in series, 3 in images; empty where any will do."""
    instead: ClassVar[str] = "corruption=masking or corruption=gaussian"
    """What to use where examples are of another kind."""

    def __init__(self) -> None:
        super().__init__()
        self._progress = 1.0

    @property
    def progress(self) -> float:
        """How far training has come, in [0, 1]; it stands at 1 outside training."""
        return self._progress

    @progress.setter
    def progress(self, progress: float) -> None:
        for part in self.modules():
            if isinstance(part, Strength):
                part.follow(progress)
            elif isinstance(part, Corruption):
                part._progress = progress

    @property
    def scheduled(self) -> bool:
        """Whether it changes with `progress`."""
        return any(isinstance(part, Strength) and part.scheduled for part in self.modules())

    def check(self, shape: Sequence[int]) -> None:
        """Raise `UserError` where examples of `shape`, without the batch, cannot be corrupted so.

        Called once, when a model is built.
        """
        if self.works_on and len(shape) not in self.works_on:
            raise UserError(
                f"corruption={self.config_name} works on {' or '.join(_KINDS[axes] for axes in self.works_on)}, but "
                f"data.shape is {list(shape)}. Use {self.instead}."
            )

    @abstractmethod
    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor | None]:
        """The corrupted examples, in the shape and type of x, and which values were kept (or None)."""


def finite_ends(value_range: Sequence[float] | None, name: str, does: str) -> tuple[float, float]:
    """The lowest and the highest value.

    Raises:
        UserError: there are none; the sentence says what the corruption `name` `does` with them.
    """
    low, high = ends(value_range)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise UserError(
            f"corruption={name} {does}, and data.range=null has neither. Use corruption=masking or corruption=gaussian."
        )
    return low, high


def by_pixel(noise: Noise, x: Tensor) -> Tensor:
    """One uniform number for each pixel, the same in all its channels; of a table (B, features), one for each cell."""
    if x.dim() == 2:
        return noise.uniform(full_precision(x))
    return noise.uniform(full_precision(x[:, :1])).expand_as(x)
