"""Colour is lost: what colourisation restores."""

from collections.abc import Sequence

from torch import Tensor

from src.contracts import Noise, full_precision
from src.corruptions.base import Corruption
from src.corruptions.colour import luma
from src.errors import UserError


class Grayscale(Corruption):
    """Every channel becomes 0.299 red + 0.587 green + 0.114 blue (Rec. 601); the target stays in colour.

    There is no randomness in it.

    Raises:
        UserError: images have no 3 channels.
    """

    config_name = "grayscale"
    works_on = (3,)

    def check(self, shape: Sequence[int]) -> None:
        super().check(shape)
        if shape[0] != 3:
            raise UserError(
                "corruption=grayscale takes the colour out of images of 3 channels (red, green, blue), but data.shape "
                f"is {list(shape)}. Use data in colour, or corruption=gaussian."
            )

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        # three channels of their own: derivatives through the encoder write into what they are taken at
        return luma(full_precision(x)).to(x.dtype).repeat(1, 3, 1, 1), None
