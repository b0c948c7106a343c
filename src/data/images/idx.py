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
_AT_ONCE = 2**22
LABELS_MAGIC = 0x00000801


def names(train: str, test: str) -> tuple[str, ...]:
    """The four files of a set, images and labels of each of its two parts."""
    return tuple(f"{part}-{kind}-ubyte" for part in (train, test) for kind in ("images-idx3", "labels-idx1"))


NAMES = names("train", "t10k")
"""Those of MNIST."""


def read_pair(image_file: Path, label_file: Path, expected: range) -> tuple[Tensor, Tensor]:
    """Images (N, height, width) uint8 and their labels (N,) int64, all of them `expected`.

    Raises:
        UserError: a file is cut short, is not what its name says, or the two do not belong together.
    """
    images = _read(image_file, IMAGES_MAGIC, "images")
    labels = _read(label_file, LABELS_MAGIC, "labels").long()
    if len(images) != len(labels):
        raise _bad(label_file, f"it has {len(labels)} labels for the {len(images)} images of {image_file.name}")
    if len(labels) == 0:
        raise _bad(image_file, "it holds no images")
    for label in map(int, labels.aminmax()):
        if label not in expected:
            raise _bad(label_file, f"it has a label {label}, where {expected[0]} to {expected[-1]} are expected")
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
        # straight into what the tensor will stand on: a copy would double the memory that loading takes
        data = bytearray()
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while chunk := file.read(_AT_ONCE):
                data += chunk
        return data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _bad(path, f"it is cut short or no gzip file ({error})") from error
    except OSError as error:
        raise _bad(path, f"it cannot be read ({error.strerror or error})") from error


def _bad(path: Path, what: str) -> UserError:
    return UserError(
        f"{path} cannot be used: {what}. Put a whole copy in its place, or move the folder {path.parent} away "
        "and its files are downloaded anew; nothing in it was changed."
    )
