"""The user's own pictures: a folder of files of any size and kind."""

import math
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Unpack

import torch

from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.data.parts import check_fractions, three_sets
from src.data.pictures.decoding import Decoded, Fault, Pixels, decoded, in_memory, pil_silenced
from src.data.pictures.folder_layout import classes_of, places, tell_gaps
from src.data.pictures.picture_cache import PictureCache
from src.data.pictures.picture_files import SHOWN, PictureFile, find_pictures, some
from src.data.pictures.reader import Background, PictureReader, Resize
from src.data.roots import located, typed_path
from src.data.watched import watched
from src.errors import UserError
from src.ranges import Fraction, NonNegativeInt, OpenFraction, PositiveInt

CACHE = ".hourglass"
"""The folder below the pictures that keeps them decoded; hidden, so that it is no class of pictures."""


class ImageFolder(DataModule):
    """Pictures below a folder, brought to one size; decoded once, then read from a file mapped into memory.

    Folders train, val and test (`places`) make the split; what is missing of them is cut from train, or from all where
    there are none, stratified and by `split_seed`. The first folders below are the classes (`classes_of`). Files that
    cannot be read are counted, named and left out. Other parameters: `DataModule`.

    Args:
        root: the folder of the pictures.
        image_size: height and width of every picture, in pixels.
        channels: 3 for colour, 1 for grey.
        resize, background: how a picture is brought to that size, and what is behind it; see `PictureReader`.
        val_fraction: of what is not the test's.
        test_fraction: of all pictures.
        max_bad: how many files may be unreadable: a share (with a decimal point) or a count.
        cache: true keeps the decoded pictures below `root`, a path keeps them there, false in memory only.
        workers: how many pictures are decoded at once; None for as many as there are cores.

    Raises:
        UserError: there are no pictures, too many cannot be read, or a set would be empty.
    """

    def __init__(
        self,
        *,
        root: str | None = None,
        image_size: PositiveInt = 32,
        channels: Literal[1, 3] = 3,
        resize: Resize = "crop",
        background: Background = "white",
        val_fraction: OpenFraction = 0.1,
        test_fraction: OpenFraction = 0.1,
        max_bad: NonNegativeInt | Fraction = 0.05,
        cache: bool | str = True,
        workers: PositiveInt | None = None,
        **dials: Unpack[Dials],
    ) -> None:
        super().__init__(**dials)
        self.root, self.cache, self.workers, self.max_bad = root, cache, workers, max_bad
        self.read = PictureReader(image_size, channels, resize, background)
        self.val_fraction, self.test_fraction = val_fraction, test_fraction
        square = (channels, image_size, image_size)
        if self.shape not in ((), square):
            raise UserError(
                f"data.shape={list(self.shape)}, but data.channels={channels} and data.image_size={image_size} make "
                f"{list(square)}; pictures here are square, so set those two and leave data.shape as it is."
            )
        self.shape = square

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The three sets, all rows of one array."""
        if self.root is None:
            raise UserError("data=image_folder wants to know where your pictures are; type data.root=<their folder>.")
        root = located(self.root)
        files = find_pictures(root)
        where = places([file.name for file in files])
        files = [file for file, place in zip(files, where, strict=True) if place.part]
        where = [place for place in where if place.part]
        there = list(dict.fromkeys(place.part for place in where if place.part))
        cut_from = sum(place.part == "train" for place in where)
        fractions = {"val": self.val_fraction, "test": self.test_fraction}
        check_fractions(cut_from, there, fractions, "pictures")  # before thousands of them are decoded
        self.class_names, numbers = classes_of([place.name for place in where])
        labels = torch.tensor(numbers)
        pictures = self._decoded(root, files)
        self._tell_faults(pictures, files)
        given = {}
        for name in there:
            good = [i for i, place in enumerate(where) if place.part == name and i not in pictures.faults]
            rows = torch.tensor(good, dtype=torch.int64)
            given[name] = Examples(pictures.values, labels[rows], {}, rows)
        tell_gaps({name: examples.labels for name, examples in given.items()}, self.class_names, root)
        return three_sets(given, self.val_fraction, self.test_fraction, self.split_seed, f"data.root={root}")

    def _decoded(self, root: Path, files: Sequence[PictureFile]) -> Decoded:
        """The pictures as they are kept, or decoded now."""
        shape = (self.read.channels, self.read.size, self.read.size)

        def pictures() -> Iterator[Pixels | Fault]:
            paths = [root / file.name for file in files]
            return watched(decoded(paths, self.read, self.workers), len(paths), f"decoding {root.resolve().name}")

        if self.cache is not False:
            folder = root / CACHE if self.cache is True else typed_path(str(self.cache), "data.cache")
            if os.path.isfile(folder):
                raise UserError(f"data.cache={folder} is a file; name a folder, or type data.cache=true or false.")
            settings = f"{self.read.resize}-{self.read.background}"
            try:
                cache = PictureCache(folder, root, files, shape, settings)
                with pil_silenced():
                    return cache.read() or cache.write(pictures())
            except OSError as error:
                warnings.warn(
                    f"{len(files):,} decoded pictures cannot be kept in {folder} ({error.strerror or error}): they are "
                    "held in memory, and the next run has to decode them again; name a folder with room for them by "
                    "data.cache=<folder>, or type data.cache=false.",
                    stacklevel=2,
                )
        with pil_silenced():
            return in_memory(pictures(), (len(files), *shape))

    def _tell_faults(self, pictures: Decoded, files: Sequence[PictureFile]) -> None:
        """Name what could not be read: a warning, or the end where that is too much."""
        n, bad = len(files), len(pictures.faults)
        if not bad:
            return
        named = some([f"{files[i].name} ({why})" for i, why in pictures.faults.items()])
        listed = f" All are listed in {pictures.listed_in}." if pictures.listed_in and bad > SHOWN else ""
        if bad == n:
            raise UserError(f"none of the {n:,} pictures in {self.root} can be read: {named}; name another folder.")
        if bad > (self.max_bad if isinstance(self.max_bad, int) else math.floor(self.max_bad * n)):
            raise UserError(
                f"{bad:,} of {n:,} pictures in {self.root} cannot be read, more than data.max_bad={self.max_bad} lets "
                f"pass: {named}; mend or remove them, or type data.max_bad={bad}.{listed}"
            )
        warnings.warn(f"{bad:,} of {n:,} pictures cannot be read and are left out: {named}.{listed}", stacklevel=2)
