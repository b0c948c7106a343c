"""MNIST and its kin: pictures of 28 x 28 grey pixels in four idx files."""

import string
from pathlib import Path
from typing import Any, ClassVar

from src.data.examples import Examples
from src.data.images import idx
from src.data.images.downloaded import DownloadedData


class IdxData(DownloadedData):
    """Grey pictures and their labels in four idx files, plain or gzipped; `DownloadedData` says where they lie."""

    options: ClassVar[dict[str, Any]] = {}
    """What torchvision's class is told."""
    files = idx.NAMES
    """Images and labels to train on, then those to test on."""
    endings = ("", ".gz")
    first_label: ClassVar[int] = 0
    """What the files call label 0."""
    transposed: ClassVar[bool] = False
    """Whether the files hold a picture column by column."""

    def fetch(self, into: str) -> None:
        from torchvision import datasets

        getattr(datasets, self.source)(into, download=True, **self.options)

    def read(self, files: dict[str, Path]) -> tuple[Examples, Examples]:
        train_images, train_labels, test_images, test_labels = (files[name] for name in self.files)
        return self._examples(train_images, train_labels), self._examples(test_images, test_labels)

    def _examples(self, image_file: Path, label_file: Path) -> Examples:
        expected = range(self.first_label, self.first_label + len(self.class_names or ()))
        images, labels = idx.read_pair(image_file, label_file, expected)
        upright = images.mT.contiguous() if self.transposed else images
        return Examples(upright[:, None], labels - self.first_label, {})


class Mnist(IdxData):
    """70,000 handwritten digits, 10,000 of them for the test (LeCun, Bottou, Bengio & Haffner 1998)."""

    source = "MNIST"
    folder = "MNIST/raw"
    class_names = tuple(map(str, range(10)))


class FashionMnist(IdxData):
    """70,000 articles of clothing, 10,000 of them for the test (Xiao, Rasul & Vollgraf 2017)."""

    source = "FashionMNIST"
    folder = "FashionMNIST/raw"
    class_names = (
        "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    )  # fmt: skip


class KMnist(IdxData):
    """70,000 cursive Japanese characters, 10,000 of them for the test (Clanuwat et al. 2018)."""

    source = "KMNIST"
    folder = "KMNIST/raw"
    class_names = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")


class EmnistLetters(IdxData):
    """145,600 handwritten letters, capital and small as one class, 20,800 for the test (Cohen et al. 2017).

    The files hold each picture on its side, rows for columns, as torchvision's EMNIST hands it out; here it stands
    upright. Their labels count from 1, here a is 0.
    """

    source = "EMNIST"
    folder = "EMNIST/raw"
    options: ClassVar[dict[str, Any]] = {"split": "letters"}
    files = idx.names("emnist-letters-train", "emnist-letters-test")
    class_names = tuple(string.ascii_lowercase)
    first_label = 1
    transposed = True
