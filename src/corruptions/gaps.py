"""Stretches of time that are missing."""

from collections.abc import Sequence

import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption
from src.corruptions.patches import covered
from src.corruptions.places import draw_places
from src.corruptions.strength import Strength
from src.errors import UserError
from src.ranges import PositiveInt, ValueRange, blank, ends
from src.schedules import Schedule


class Gaps(Corruption):
    """`n` stretches of `length` steps are blank, in all channels, at places of their own in each series.

    Each lies wholly within the series; they may overlap.

    Args:
        n: gaps a series.
        length: of a gap in steps, a whole number or a schedule (rounded); None: an eighth of the series.
        range: the lowest and the highest value; None where there are none.
        value: what stands in a gap; None: the lowest value, or 0 where there is none. Silence in a waveform is 0.

    Raises:
        UserError: a gap would be longer than the series.
    """

    config_name = "gaps"
    works_on = (2,)
    instead = "corruption=patches for images, corruption=masking for tables"

    def __init__(
        self,
        n: PositiveInt,
        range: ValueRange | None,
        length: PositiveInt | Schedule | None = None,
        value: float | None = None,
    ) -> None:
        super().__init__()
        self.n, self.value = n, blank(ends(range)) if value is None else float(value)
        self.length = None if length is None else Strength("corruption.gaps.length", length, whole=True)

    def check(self, shape: Sequence[int]) -> None:
        super().check(shape)
        if self.length and self.length.most > shape[-1]:
            raise UserError(
                f"corruption.gaps.length={self.length.most:g} is more than series of {shape[-1]} steps have. "
                f"Use {shape[-1]} or less."
            )

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        steps = x.shape[-1]
        length = self.length.now if self.length else max(1, round(steps / 8))
        missing = covered(draw_places(noise, x, self.n, steps - length), length, steps).any(1)
        kept = ~missing[:, None].expand_as(x)
        return torch.where(kept, x, self.value), kept
