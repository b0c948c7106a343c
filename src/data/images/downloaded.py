"""What sets that torchvision downloads have in common: where they lie, and a download that is whole or not there."""

import http.client
import os
import socket
import tempfile
import zlib
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Unpack

from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.data.roots import located
from src.errors import UserError
from src.ranges import OpenFraction

DEFAULT_ROOT = "data"
PATIENCE_SECONDS = 20.0
"""How long a silent server is waited for; torchvision itself would wait for ever."""
DOWNLOAD_ERRORS = (OSError, RuntimeError, http.client.HTTPException, EOFError, zlib.error)


class DownloadedData(DataModule):
    """A set with a part to train on, of which `val_fraction` is kept for validation, and a part to test on.

    Its files lie below `root` where torchvision puts them. If none of them is there they are downloaded; if some are,
    they are read and checked and never touched. Other parameters: see `DataModule`.

    Args:
        root: the folder of all data sets; it must exist, but for the default, which is made when it is needed.

    Raises:
        UserError: there are no files and no network, or a file is missing, cut short or wrong.
    """

    source: ClassVar[str]
    """torchvision's name for the set."""
    folder: ClassVar[str]
    """Where its files lie below `root`."""
    files: ClassVar[tuple[str, ...]]
    endings: ClassVar[tuple[str, ...]] = ("",)
    """What may follow a file's name; the first that is there is taken."""

    def __init__(
        self,
        *,
        root: str = DEFAULT_ROOT,
        val_fraction: OpenFraction = 0.1,
        **dials: Unpack[Dials],
    ) -> None:
        super().__init__(**dials)
        self.root = located(root)
        self.place = self.root / self.folder
        self.val_fraction = val_fraction

    @abstractmethod
    def read(self, files: dict[str, Path]) -> tuple[Examples, Examples]:
        """The checked contents of all files, by name: what is trained on with what is kept of it, and the test's."""

    @abstractmethod
    def fetch(self, into: str) -> None:
        """Let torchvision download the files to `folder` below `into`."""

    def prepare_data(self) -> None:
        """Download the files if none is there. Lightning calls it on one process of each machine."""
        self._check_root()
        if not self._present():
            try:
                self._download()
            except DOWNLOAD_ERRORS as error:
                raise self._nothing_there(f"could not be downloaded ({_in_one_line(error)})") from error

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The checked contents of the files."""
        self._check_root()
        files = self._present()
        if not files:
            raise self._nothing_there("was not downloaded")
        missing = [name for name in self.files if name not in files]
        if missing:
            there = ", ".join(path.name for path in files.values())
            raise UserError(
                f"{self.place} has {there}, but not {' and '.join(missing)}{self._also()}. Put what is missing "
                "beside it, or move what is there away and all of it is downloaded anew."
            )
        kept, test = self.read(files)
        return *kept.cut(self.val_fraction, self.split_seed), test

    def _present(self) -> dict[str, Path]:
        """The files that are there, by name."""
        found = {}
        for name in self.files:
            for path in (self.place / (name + ending) for ending in self.endings):
                if os.path.lexists(path):
                    found[name] = path
                    break
        return found

    def _check_root(self) -> None:
        if self.root == Path(DEFAULT_ROOT) or self.root.is_dir():
            return
        problem = (
            "is not a folder" if self.root.exists() else f"does not exist; for a download there, mkdir -p {self.root}"
        )
        raise UserError(
            f"data.root={self.root} {problem}. Name the folder that has {Path(self.folder) / self.files[0]} in it, by "
            "data.root=... or the environment variable HOURGLASS_DATA."
        )

    def _download(self) -> None:
        """All files or none: they are moved into place when they are whole, so an interruption leaves nothing."""
        self.root.mkdir(exist_ok=True)
        prefix = f"{self.source}-download-"
        with _patience(), tempfile.TemporaryDirectory(dir=self.root, prefix=prefix) as temporary:
            self.fetch(temporary)
            self.place.mkdir(parents=True, exist_ok=True)
            for name in self.files:
                if not (self.place / name).exists():  # another run may have been faster
                    os.rename(Path(temporary) / self.folder / name, self.place / name)

    def _nothing_there(self, why: str) -> UserError:
        return UserError(
            f"{self.source} is not in {self.place} and {why}. Put these files there: {', '.join(self.files)}"
            f"{self._also()}; or name another folder with data.root=... or the environment variable "
            "HOURGLASS_DATA; or take data=digits, which needs no files."
        )

    def _also(self) -> str:
        """What else a file may be called."""
        return f" (with {' or '.join(self.endings[1:])} at the end does too)" if self.endings[1:] else ""


@contextmanager
def _patience() -> Iterator[None]:
    """Wait for a silent server for so long and no longer."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _in_one_line(error: BaseException, most: int = 200) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= most else text[:most] + "..."
