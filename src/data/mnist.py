"""MNIST and Fashion-MNIST, read from their files, which torchvision downloads where there are none."""

import http.client
import os
import socket
import tempfile
import zlib
from pathlib import Path
from typing import ClassVar, Unpack

from src.data import idx
from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.errors import UserError
from src.ranges import OpenFraction

DEFAULT_ROOT = "data"
PATIENCE_SECONDS = 20.0
"""How long a silent server is waited for; torchvision itself would wait for ever."""
DOWNLOAD_ERRORS = (OSError, RuntimeError, http.client.HTTPException, EOFError, zlib.error)


class IdxData(DataModule):
    """60,000 images to train on (`val_fraction` of them kept for validation) and 10,000 to test on, in four idx files.

    They lie in `root`/`folder`/raw, as torchvision puts them, plain or gzipped. If none of them is there they are
    downloaded; if some are, they are read and checked and never touched. Other parameters: see `DataModule`.

    Args:
        root: the folder of all data sets; it must exist, but for the default, which is made when it is needed.

    Raises:
        UserError: there are no files and no network, or a file is missing, cut short or wrong.
    """

    folder: ClassVar[str]
    """The set's folder below `root`, and torchvision's name for it."""

    def __init__(
        self,
        *,
        root: str = DEFAULT_ROOT,
        val_fraction: OpenFraction = 0.1,
        **dials: Unpack[Dials],
    ) -> None:
        super().__init__(**dials)
        self.root = Path(root).expanduser()
        self.raw = self.root / self.folder / "raw"
        self.val_fraction = val_fraction

    def prepare_data(self) -> None:
        """Download the files if none is there. Lightning calls it on one process of each machine."""
        self._check_root()
        if not idx.present(self.raw):
            try:
                self._download()
            except DOWNLOAD_ERRORS as error:
                raise self._nothing_there(f"could not be downloaded ({_in_one_line(error)})") from error

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The checked contents of the four files."""
        self._check_root()
        files = idx.present(self.raw)
        if not files:
            raise self._nothing_there("was not downloaded")
        missing = [name for name in idx.NAMES if name not in files]
        if missing:
            there = ", ".join(path.name for path in files.values())
            raise UserError(
                f"{self.raw} has {there}, but not {' and '.join(missing)} (nor the same with .gz). Put what is missing "
                "beside it, or move that folder away and all four files are downloaded anew."
            )
        kept, test = (self._examples(files, part) for part in ("train", "t10k"))
        return *kept.cut(self.val_fraction, self.split_seed), test

    def _examples(self, files: dict[str, Path], part: str) -> Examples:
        images, labels = idx.read_part(files, part, len(self.class_names or ()))
        return Examples(images[:, None], labels, {})

    def _check_root(self) -> None:
        if self.root == Path(DEFAULT_ROOT) or self.root.is_dir():
            return
        problem = (
            "is not a folder" if self.root.exists() else f"does not exist; for a download there, mkdir -p {self.root}"
        )
        raise UserError(
            f"data.root={self.root} {problem}. Name the folder that has {self.folder}/raw in it, by data.root=... or "
            "the environment variable HOURGLASS_DATA."
        )

    def _download(self) -> None:
        """All four files or none: they are moved into place when they are whole, so an interruption leaves nothing."""
        from torchvision import datasets

        self.root.mkdir(exist_ok=True)
        patience = socket.getdefaulttimeout()
        socket.setdefaulttimeout(PATIENCE_SECONDS)
        try:
            with tempfile.TemporaryDirectory(dir=self.root, prefix=f"{self.folder}-download-") as temporary:
                getattr(datasets, self.folder)(temporary, download=True)
                self.raw.mkdir(parents=True, exist_ok=True)
                for name in idx.NAMES:
                    if not (self.raw / name).exists():  # another run may have been faster
                        os.rename(Path(temporary) / self.folder / "raw" / name, self.raw / name)
        finally:
            socket.setdefaulttimeout(patience)

    def _nothing_there(self, why: str) -> UserError:
        return UserError(
            f"{self.folder} is not in {self.raw} and {why}. Put these files there, as they are or with .gz: "
            f"{', '.join(idx.NAMES)}; or name another folder with data.root=... or the environment variable "
            "HOURGLASS_DATA; or take data=digits, which needs no files."
        )


class Mnist(IdxData):
    """Handwritten digits of 28 x 28 pixels (LeCun, Bottou, Bengio & Haffner 1998)."""

    folder = "MNIST"
    class_names = tuple(map(str, range(10)))


class FashionMnist(IdxData):
    """Articles of clothing of 28 x 28 pixels (Xiao, Rasul & Vollgraf 2017)."""

    folder = "FashionMNIST"
    class_names = (
        "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    )  # fmt: skip


def _in_one_line(error: BaseException, most: int = 200) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= most else text[:most] + "..."
