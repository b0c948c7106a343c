"""Reading and checking the idx files of MNIST and its kin, plain or gzipped; nothing is ever written.

A file is a magic number (two zero bytes, the type of the values, the number of dimensions), the size of each dimension
as a big-endian 32-bit number, and the values (LeCun & Cortes 1998).
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import torch
from torch import Tensor

from src.errors import UserError

IMAGES_MAGIC = 0x00000803
LABELS_MAGIC = 0x00000801
NAMES = tuple(f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1"))


def present(folder: Path) -> dict[str, Path]:
    """Those of the four files that are in `folder`, by name; the plain file goes before the gzipped one."""
    found = {}
    for name in NAMES:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_symlink() or path.exists():
                found[name] = path
                break
    return found


def read_part(files: dict[str, Path], part: str, classes: int) -> tuple[Tensor, Tensor]:
    """Images (N, height, width) uint8 and labels (N,) int64 in [0, classes) of `part`, "train" or "t10k".

    Raises:
        UserError: a file is cut short, is not what its name says, or the two do not belong together.
    """
    image_path, label_path = files[f"{part}-images-idx3-ubyte"], files[f"{part}-labels-idx1-ubyte"]
    images = _read(image_path, IMAGES_MAGIC, "images")
    labels = _read(label_path, LABELS_MAGIC, "labels").long()
    if len(images) != len(labels):
        raise _bad(label_path, f"it has {len(labels)} labels for the {len(images)} images of {image_path.name}")
    if len(labels) == 0:
        raise _bad(image_path, "it holds no images")
    if labels.max() >= classes:
        raise _bad(label_path, f"it has a label {labels.max()}, where 0 to {classes - 1} are expected")
    return images, labels


def _read(path: Path, magic: int, what: str) -> Tensor:
    data = _bytes(path)
    dimensions = magic & 0xFF
    start = 4 + 4 * dimensions
    if len(data) < start:
        raise _bad(path, f"it is cut short: {len(data)} bytes do not even hold a header")
    found, *sizes = struct.unpack(f">{1 + dimensions}I", data[:start])
    if found != magic:
        raise _bad(path, f"it is not a file of {what}: it starts with 0x{found:08x} and not with 0x{magic:08x}")
    expected = start + math.prod(sizes)
    if len(data) != expected:
        wrong = "is cut short" if len(data) < expected else "is too long"
        raise _bad(path, f"it {wrong}: {len(data):,} bytes where its header asks for {expected:,}")
    if len(data) == start:
        raise _bad(path, f"it holds no {what}")
    return torch.frombuffer(data, dtype=torch.uint8, offset=start).view(sizes)


def _bytes(path: Path) -> bytearray:
    try:
        data = path.read_bytes()
        return bytearray(gzip.decompress(data) if path.suffix == ".gz" else data)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _bad(path, f"it is cut short or no gzip file ({error})") from error
    except OSError as error:
        raise _bad(path, f"it cannot be read ({error.strerror or error})") from error


def _bad(path: Path, what: str) -> UserError:
    return UserError(
        f"{path} cannot be used: {what}. Put a whole copy in its place, or move the folder {path.parent} away "
        "and its files are downloaded anew; nothing in it was changed."
    )
