"""Square holes: what inpainting fills."""

from collections.abc import Sequence

import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption
from src.corruptions.places import draw_places
from src.corruptions.strength import Strength
from src.errors import UserError
from src.ranges import PositiveInt, ValueRange, blank, ends
from src.schedules import Schedule


class Patches(Corruption):
    """`n` squares of `size` x `size` pixels are set to the lowest value (0 where there is none), in all channels.

    Each lies wholly within the image, at a place of its own in each image; they may overlap. Pathak et al., "Context
    encoders: feature learning by inpainting", CVPR 2016.

    Args:
        n: holes an image.
        size: their side in pixels, a whole number or a schedule (rounded); None: a quarter of the image's shorter side.
        range: the lowest and the highest value; None where there are none.

    Raises:
        UserError: a hole would be larger than the image.
    """

    config_name = "patches"
    works_on = (3,)

    def __init__(self, n: PositiveInt, range: ValueRange | None, size: PositiveInt | Schedule | None = None) -> None:
        super().__init__()
        self.n, self.blank = n, blank(ends(range))
        self.size = None if size is None else Strength("corruption.patches.size", size, whole=True)

    def check(self, shape: Sequence[int]) -> None:
        super().check(shape)
        if self.size and self.size.most > min(shape[1:]):
            raise UserError(
                f"corruption.patches.size={self.size.most:g} is more than images of {list(shape)} have. "
                f"Use {min(shape[1:])} or less."
            )

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        height, width = x.shape[-2:]
        size = self.size.now if self.size else max(1, round(min(height, width) / 4))
        rows, columns = (covered(draw_places(noise, x, self.n, n - size), size, n) for n in (height, width))
        hidden = (rows[:, :, :, None] & columns[:, :, None, :]).any(1)
        kept = ~hidden[:, None].expand_as(x)
        return torch.where(kept, x, self.blank), kept


def covered(start: Tensor, size: float | Tensor, length: int) -> Tensor:
    """Which of `length` places lie in the stretches of `size` that begin at `start` (B, n): (B, n, length) bool."""
    places = torch.arange(length, device=start.device)
    return (places >= start[..., None]) & (places < start[..., None] + size)
