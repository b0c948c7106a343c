"""Folders of small pictures of many sizes and kinds."""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ("png", "jpg", "jpeg", "webp", "bmp", "tiff", "tif", "grey.png", "alpha.png", "palette.png", "deep.png", "JPG")
"""What `save` writes, by the end of the file's name."""


def scene(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A smooth coloured picture."""
    coarse = Image.fromarray(rng.integers(0, 255, (4, 4, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def save(path: Path, picture: Image.Image) -> None:
    """Write the picture as the end of its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.name.split(".", 1)[-1]
    if kind == "grey.png":
        picture = picture.convert("L")
    elif kind == "alpha.png":
        picture.putalpha(picture.convert("L"))
    elif kind == "palette.png":
        picture = picture.quantize(16)
    elif kind == "deep.png":
        picture = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    picture.save(path)


def mixed_folder(root: Path, n: int, classes: int = 3, sides: tuple[int, int] = (20, 90)) -> Path:
    """`n` pictures of different sizes and of all `KINDS`, in class folders nested by tens."""
    rng = np.random.default_rng(0)
    for i in range(n):
        width, height = (int(side) for side in rng.integers(*sides, 2))
        name = f"class_{i % classes}/{i // 100}/{i:05}.{KINDS[i // classes % len(KINDS)]}"
        save(root / name, scene(rng, width, height))
    return root


def png_bytes(values: np.ndarray) -> bytes:
    """`values` (height, width, 3) uint16 as a PNG of 16 bits a channel, which PIL reads but does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
