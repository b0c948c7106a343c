"""A text or a logo laid over."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from src.contracts import Noise, full_precision
from src.corruptions.base import Corruption, finite_ends
from src.corruptions.places import draw_places
from src.corruptions.stamp import fitted, picture_stamp, text_stamp
from src.corruptions.strength import Strength
from src.errors import UserError
from src.ranges import Fraction, OpenFraction, Shape, ValueRange
from src.schedules import Schedule

_FIXED = {"top_left": (0.0, 0.0), "top_right": (0.0, 1.0), "centre": (0.5, 0.5), "bottom_left": (1.0, 0.0)}
_FIXED |= {"bottom_right": (1.0, 1.0)}
"""Shares of the room there is, downwards and to the right."""


class Watermark(Corruption):
    """(1 - s) x + s colour, s = opacity * cover: a text or a picture over each image, `cover` being 1 on its strokes.

    It is drawn once, and as large as fits. A value is kept unless opacity and cover are both 1.

    Args:
        shape: of an image, [1 or 3 channels, height, width].
        range: the lowest and the highest value; black and white of the watermark.
        text: what is written, as large as `size` allows.
        picture: a PNG file in place of the text; where it is transparent the image shows through.
        opacity: a number or a schedule.
        size: the share of the image's height and width that it fills at most.
        place: "random" is another place for each image; none leaves the image.
        colour: of the text, a name such as "white" or one like "#ff8000"; in grey images its brightness.

    Raises:
        UserError: the examples are no such images, the values have no ends, the text or the picture cannot be drawn.
    """

    config_name = "watermark"
    works_on = (3,)
    colours: Tensor
    """(channels, h, w) uint8."""
    cover: Tensor
    """(1, h, w) uint8."""

    def __init__(
        self,
        shape: Shape,
        range: ValueRange | None,
        text: str = "SAMPLE",
        picture: str | None = None,
        opacity: Fraction | Schedule = 0.5,
        size: OpenFraction = 0.9,
        place: Literal["random", "centre", "top_left", "top_right", "bottom_left", "bottom_right"] = "random",
        colour: str = "white",
    ) -> None:
        super().__init__()
        self.check(shape)
        self.low, self.high = finite_ends(range, self.config_name, "is drawn between the lowest and the highest value")
        self.place, self.opacity = place, Strength("corruption.watermark.opacity", opacity, high=1)
        stamp = picture_stamp(picture) if picture else text_stamp(text, colour)
        room = (max(1, int(shape[1] * size)), max(1, int(shape[2] * size)))
        colours, cover = fitted(stamp, room, shape[0])
        # bytes, which stay exact in a model of half precision
        self.register_buffer("colours", colours, persistent=False)
        self.register_buffer("cover", cover, persistent=False)

    def check(self, shape: Sequence[int]) -> None:
        super().check(shape)
        if shape[0] not in (1, 3):
            raise UserError(
                f"corruption=watermark draws on images of 1 or 3 channels, but data.shape is {list(shape)}. "
                "Use corruption=patches."
            )

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        exact = full_precision(x)
        colours, cover = self._laid_out(exact, noise)
        share = self.opacity.now * cover
        return (exact * (1 - share) + colours * share).to(x.dtype), (share < 1).expand_as(x)

    def _laid_out(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        """Colours (B, C, H, W) in the data's range and cover (B, 1, H, W) from 0 to 1, each image's at its place."""
        rows, columns = (self._read(noise, x, axis) for axis in (1, 2))
        inside = (rows >= 0)[:, :, None] & (columns >= 0)[:, None, :]
        down, right = rows.clamp(min=0)[:, :, None], columns.clamp(min=0)[:, None, :]
        colours, cover = (stamp[:, down, right].movedim(0, 1).to(x.dtype) / 255 for stamp in (self.colours, self.cover))
        cover = cover * inside[:, None]
        return self.low + (self.high - self.low) * colours, cover

    def _read(self, noise: Noise, x: Tensor, axis: int) -> Tensor:
        """Which row (or column) of the stamp each of the image's shows, (B, H or W); -1 where none."""
        length, size = x.shape[axis + 1], self.cover.shape[axis]
        room = length - size
        if self.place == "random":
            start = draw_places(noise, x, 1, room)
        else:
            start = torch.full((len(x), 1), round(_FIXED[self.place][axis - 1] * room), device=x.device)
        read = torch.arange(length, device=x.device) - start.long()
        return torch.where((read >= 0) & (read < size), read, -1)
