"""A small picture to lay over others, made once: a text that is drawn, or a PNG file."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor

from src.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image

_DRAWN_AT = 96
"""The height of letters in pixels before they are shrunk to fit."""


def text_stamp(text: str, colour: str) -> "Image":
    """The text in one colour on nothing, cut to its letters.

    Raises:
        UserError: there is nothing to see of it, or there is no such colour.
    """
    from PIL import Image, ImageColor, ImageDraw, ImageFont

    try:
        rgb = ImageColor.getrgb(colour)[:3]
    except ValueError as error:
        raise UserError(
            f"corruption.watermark.colour={colour} is no colour. Use a name such as white or red, or one like #ff8000."
        ) from error
    font = ImageFont.load_default(_DRAWN_AT)
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), text, font=font)
    letters = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(letters).text((-left, -top), text, fill=255, font=font)
    if (box := letters.getbbox()) is None:
        raise UserError(f"corruption.watermark.text='{text}' leaves nothing to see. Use a text with letters.")
    letters = letters.crop(box)
    stamp = Image.new("RGBA", letters.size, rgb)
    stamp.putalpha(letters)
    return stamp


def picture_stamp(file: str) -> "Image":
    """The PNG picture.

    Raises:
        UserError: it cannot be read.
    """
    from PIL import Image

    try:
        with Image.open(Path(file), formats=["PNG"]) as picture:
            return picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else f"it cannot be read ({error})"
        raise UserError(f"corruption.watermark.picture={file}: {why}. Give the path of a PNG picture.") from error


def fitted(stamp: "Image", size: tuple[int, int], channels: int) -> tuple[Tensor, Tensor]:
    """The stamp shrunk or enlarged until it just fits into `size` (height, width).

    Returns:
        Its colours (channels, h, w), grey by Rec. 601 where there is 1 channel, and how much it covers (1, h, w), both
        uint8. The latter reaches 255 somewhere, however thin the letters.
    """
    from PIL.Image import Resampling

    factor = min(size[0] / stamp.height, size[1] / stamp.width)
    height, width = (max(1, min(round(side * factor), most)) for side, most in zip(stamp.size[::-1], size, strict=True))
    small = stamp.resize((width, height), Resampling.BOX if factor < 1 else Resampling.NEAREST)
    cover = np.asarray(small.getchannel("A"), dtype=np.float64)
    cover = np.rint(cover * 255 / max(1.0, cast(float, cover.max())))
    colours = np.asarray(small.convert("L" if channels == 1 else "RGB"), dtype=np.uint8).reshape(height, width, -1)
    return torch.from_numpy(colours.copy()).permute(2, 0, 1), torch.from_numpy(cover.astype(np.uint8))[None]
