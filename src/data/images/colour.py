"""CIFAR-10 and SVHN, pictures of 32 x 32 coloured pixels, read by torchvision from files that it knows by their hash.

CIFAR-10 comes as pickles, which can run code when they are read, so nothing is unpickled because a file says so: before
torchvision reads a file it computes its MD5 sum, and goes on only where that is the one of the published file, which is
written in torchvision itself. A file that was tampered with is refused unread, whoever put it there. Reading the binary
edition instead would need a reader, a download and a sum of our own for the same pictures. (MD5 is weak against someone
who makes both of two files with one sum, not against one who must meet the sum of a given file.)
"""

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from src.data.examples import Examples
from src.data.images.downloaded import DownloadedData
from src.errors import UserError


class HashedData(DownloadedData):
    """Pictures with labels out of a torchvision data set that checks its files by hash.

    `DownloadedData` says where the files lie.
    """

    parts: ClassVar[tuple[dict[str, Any], ...]]
    """What torchvision's class is told, for what is trained on and for the test."""

    def fetch(self, into: str) -> None:
        from torchvision import datasets

        for part in self.parts:
            getattr(datasets, self.source)(into, download=True, **part)

    def read(self, files: dict[str, Path]) -> tuple[Examples, Examples]:
        kept, test = (self.examples(self._opened(files, part)) for part in self.parts)
        return kept, test

    @abstractmethod
    def examples(self, part: Any) -> Examples:
        """The pictures (N, 3, 32, 32) uint8 and labels of an object of torchvision's class."""

    @abstractmethod
    def sums(self) -> dict[str, str]:
        """The MD5 sum of each file, as torchvision has it."""

    def _opened(self, files: dict[str, Path], part: dict[str, Any]) -> Any:
        from torchvision import datasets
        from torchvision.datasets.utils import check_integrity

        try:
            return getattr(datasets, self.source)(str(self.root), **part)
        except OSError as error:
            raise self._bad(error.filename or self.place, f"cannot be read ({error.strerror or error})") from error
        except RuntimeError as error:  # "not found or corrupted", but not which file
            for name, md5 in self.sums().items():
                if not check_integrity(files[name], md5):
                    raise self._bad(files[name], "is not the published file, as its MD5 sum shows") from error
            raise

    def _bad(self, file: Path | str, what: str) -> UserError:
        return UserError(
            f"{file} cannot be used: it {what}. Put a whole copy in its place, or move {', '.join(self.files)} away "
            "and they are downloaded anew; nothing was changed."
        )


class Cifar10(HashedData):
    """60,000 photographs of animals and vehicles, 10,000 of them for the test (Krizhevsky 2009)."""

    source = "CIFAR10"
    folder = "cifar-10-batches-py"
    files = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta")
    parts = ({"train": True}, {"train": False})
    class_names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

    def examples(self, part: Any) -> Examples:
        """torchvision hands out the pictures as (N, 32, 32, 3)."""
        pictures = np.ascontiguousarray(part.data.transpose(0, 3, 1, 2))
        return Examples(torch.from_numpy(pictures), torch.tensor(part.targets), {})

    def sums(self) -> dict[str, str]:
        from torchvision.datasets import CIFAR10

        return dict([*CIFAR10.train_list, *CIFAR10.test_list, (CIFAR10.meta["filename"], CIFAR10.meta["md5"])])


class Svhn(HashedData):
    """99,289 house numbers seen from the street, each cut to one digit, 26,032 for the test (Netzer et al. 2011).

    torchvision calls the digit 0 by 0, where the files say 10.
    """

    source = "SVHN"
    folder = "."
    files = ("train_32x32.mat", "test_32x32.mat")
    parts = ({"split": "train"}, {"split": "test"})
    class_names = tuple(map(str, range(10)))

    def examples(self, part: Any) -> Examples:
        """torchvision hands out a view (N, 3, 32, 32) in which a picture is scattered over the whole memory."""
        return Examples(torch.from_numpy(np.ascontiguousarray(part.data)), torch.from_numpy(part.labels), {})

    def sums(self) -> dict[str, str]:
        from torchvision.datasets import SVHN

        return {name: md5 for _, name, md5 in (SVHN.split_list[part["split"]] for part in self.parts)}
