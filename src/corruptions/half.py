"""One half is hidden: what outpainting completes."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption
from src.corruptions.places import draw_places
from src.errors import UserError
from src.ranges import ValueRange, blank, ends

_SIDES = ("left", "right", "top", "bottom")


class Half(Corruption):
    """One half of the image is set to the lowest value (0 where there is none); of an odd side, the smaller half.

    Args:
        side: which half; "random" is one of the four for each image.
        range: the lowest and the highest value; None where there are none.

    Raises:
        UserError: a side is a single pixel.
    """

    config_name = "half"
    works_on = (3,)

    def __init__(
        self, range: ValueRange | None, side: Literal["left", "right", "top", "bottom", "random"] = "random"
    ) -> None:
        super().__init__()
        self.side, self.blank = side, blank(ends(range))

    def check(self, shape: Sequence[int]) -> None:
        super().check(shape)
        if min(shape[1:]) < 2:
            raise UserError(f"corruption=half finds no two halves in images of {list(shape)}. Use corruption=masking.")

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        hidden = self._halves(x)
        if self.side == "random":
            hidden = hidden[draw_places(noise, x, 1, len(_SIDES) - 1)[:, 0].long()]
        else:
            hidden = hidden[_SIDES.index(self.side)]
        kept = ~hidden.unsqueeze(-3).expand_as(x)
        return torch.where(kept, x, self.blank), kept

    @staticmethod
    def _halves(x: Tensor) -> Tensor:
        """The four halves, (4, H, W) bool."""
        height, width = x.shape[-2:]
        rows, columns = (torch.arange(n, device=x.device) for n in (height, width))
        left, top = columns < width // 2, rows[:, None] < height // 2
        right, bottom = columns >= width - width // 2, rows[:, None] >= height - height // 2
        return torch.stack([half.expand(height, width) for half in (left, right, top, bottom)])
