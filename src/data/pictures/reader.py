"""One picture file as an array of a given size."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
"""As PIL calls them: whatever a file's name says, no other decoder is given it."""
ORIENTATION = 0x0112
"""The EXIF tag for how the camera was held."""
REDUCING = 2
"""A large picture may first be reduced, quickly, to this many times the wanted size, and then be resized with care."""

Resize = Literal["crop", "squash", "pad"]
Background = Literal["white", "black"]


@dataclass(frozen=True)
class PictureReader:
    """Reads pictures as (channels, size, size) uint8.

    Grey of 16 bits is scaled to 8 (65,535 is white), as are floating-point pictures, whose white is 1; palettes become
    colours; transparent pixels are laid over the background; of a file with several pictures the first is read. EXIF
    orientation is obeyed. Grey is made from colour by the luma of ITU-R BT.601. Resizing is bicubic, with antialiasing.

    Args:
        size: height and width.
        channels: 1 for grey, 3 for red, green and blue.
        resize: "crop" scales the shorter side and cuts out the middle; "squash" scales each side for itself; "pad"
            scales the longer side and fills the rest with the background.
        background: what shows through transparent pixels, and beside padded ones.
    """

    size: int
    channels: Literal[1, 3]
    resize: Resize
    background: Background

    def __call__(self, path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """The picture in the file at `path`; raises whatever PIL raises where there is none."""
        from PIL import Image

        # a file that is open: given a path, PIL maps some kinds into memory, and a file cut then would end the program
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            image.draft("L" if self.channels == 1 else "RGB", (REDUCING * self.size,) * 2)  # only JPEG takes it
            image.load()  # before its EXIF is read: a TIFF is turned in loading
            small = self._padded(_turned(self._flat(self._resized(_plain(image))), _orientation(image)))
            values = np.asarray(small.convert("L" if self.channels == 1 else "RGB"))
        return np.ascontiguousarray(values.reshape(self.size, self.size, self.channels).transpose(2, 0, 1))

    def _resized(self, image: "Image") -> "Image":
        from PIL.Image import Resampling

        width, height = image.size
        box, to = (0.0, 0.0, float(width), float(height)), (self.size, self.size)
        if self.resize == "crop":
            side = min(width, height)
            left, top = (width - side) / 2, (height - side) / 2
            box = (left, top, left + side, top + side)
        elif self.resize == "pad":
            scale = self.size / max(width, height)
            to = (max(1, round(width * scale)), max(1, round(height * scale)))
        return image.resize(to, Resampling.BICUBIC, box, reducing_gap=REDUCING)

    def _flat(self, image: "Image") -> "Image":
        """Without transparency. It is laid over the background when it is small already: to resize it is linear."""
        from PIL import Image

        if image.mode != "RGBA":
            return image
        return Image.alpha_composite(Image.new("RGBA", image.size, self.background), image).convert("RGB")

    def _padded(self, image: "Image") -> "Image":
        from PIL import Image

        if image.size == (self.size, self.size):
            return image
        square = Image.new(image.mode, (self.size, self.size), self.background)
        square.paste(image, ((self.size - image.width) // 2, (self.size - image.height) // 2))
        return square


def _plain(image: "Image") -> "Image":
    """In grey, in colour, or in colour with transparency, of 8 bits each."""
    if image.mode == "F" or image.mode.startswith("I"):
        return _eight_bits(image)
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(image: "Image") -> "Image":
    """Grey of more than 8 bits; PIL's own conversion would cut off at 255 what is lighter."""
    from PIL import Image

    values = np.asarray(image, dtype=np.float32)
    white = 1 if image.mode == "F" else 65535
    low, high = values.min(), values.max()
    if not (low >= 0 and high <= white):  # not a number is neither
        raise ValueError(f"its values go from {low:g} to {high:g}, which is not within black, 0, and white, {white}")
    return Image.fromarray((values * (255 / white) + 0.5).astype(np.uint8))


def _orientation(image: "Image") -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # whatever is wrong with what a camera noted beside the picture, the picture is there
        return 1


def _turned(image: "Image", orientation: int) -> "Image":
    """Upright; done when it is small already, since a square in the middle stays one."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image
