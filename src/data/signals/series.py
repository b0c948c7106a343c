"""Windows of a time series, from a file or made on the spot."""

from pathlib import Path
from typing import Literal, Unpack

import torch
from torch import Tensor

from src.data.arrays.finite import LARGEST
from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.data.roots import located
from src.data.seeds import generator_for
from src.data.signals import by_time, made_up
from src.data.signals.measurements import Measurements, read_measurements
from src.data.standardise import fitted
from src.data.tables.table_files import Reading
from src.errors import UserError
from src.ranges import UNBOUNDED, OpenFraction, PositiveInt


class Series(DataModule):
    """Windows (channels, length) of one series, cut by time and standardised, or series of known kinds.

    A file is parted by time, not shuffled: first what is trained on, then what is validated on, then what is tested on.
    No window reaches from one part into the next, and each channel is standardised by mean and deviation of the first;
    with a `range` that has ends, its lowest and highest value there go to them, and later ones may lie beyond. Windows
    are views of the one series that is in memory (an .npy file is memory-mapped): they may overlap freely.

    Without a file, windows of one channel are made on the spot (see `signals`), as they are, about 1 in size.
    `ExampleSet.factors` holds what each was made from; with `kind` "all" they are of all kinds, labelled by it, and
    hold the factors that all have. Other parameters: `DataModule`; `range` is None where it is not given.

    Args:
        root: .csv, .tsv, .parquet (rows in order of time, columns are channels) or .npy, (T,) or (T, C); None: none.
        length: of a window.
        stride: from one window of a file to the next; None for a quarter of `length`.
        columns: the names of the columns to read; None for all.
        missing: what to do with NaN and infinite values of a file: refuse them, or put straight lines in their place.
        missing_texts, delimiter, header, decimal: how the text of a table is read, see `Reading`.
        test_fraction: the share of the rows that are for the test, the last ones.
        val_fraction: the share of the other rows that are for validation, the last ones.
        kind: what to make without a file.
        n_train, n_val, n_test: how many to make.

    Raises:
        UserError: columns without a file; at `setup()`: the file cannot be used, or is too short.
    """

    channel_names: tuple[str, ...] = ("value",)
    """The columns that were read."""

    def __init__(
        self,
        *,
        root: str | None = None,
        length: PositiveInt = 128,
        stride: PositiveInt | None = None,
        columns: list[str] | None = None,
        missing: Literal["error", "interpolate"] = "error",
        missing_texts: list[str] | None = None,
        delimiter: str | None = None,
        header: bool | None = None,
        decimal: Literal["point", "comma"] = "point",
        val_fraction: OpenFraction = 0.1,
        test_fraction: OpenFraction = 0.2,
        kind: Literal["all", "sines", "chirps", "ar", "ecg"] = "all",
        n_train: PositiveInt = 10_000,
        n_val: PositiveInt = 1_000,
        n_test: PositiveInt = 2_000,
        **dials: Unpack[Dials],
    ) -> None:
        dials.setdefault("range", None)
        self.root = None if root is None else located(root)
        if self.root is None and columns is not None:
            raise UserError("data.columns names columns of a file; add data.root=<file>, or leave it out.")
        if self.root is None and kind == "all":
            self.class_names = made_up.KINDS
        super().__init__(**dials)
        self.length, self.stride, self.columns = length, stride or max(length // 4, 1), columns
        self.reading = Reading(delimiter, header, decimal, tuple(missing_texts or ()))
        self.missing, self.val_fraction, self.test_fraction = missing, val_fraction, test_fraction
        self.kind = kind
        self.sizes = {"train": n_train, "val": n_val, "test": n_test}
        self.shift, self.scale = 0.0, 1.0

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The windows of the three parts of the file, or three sets made on the spot."""
        if self.root is not None:
            return self._cut(self.root)
        train, val, test = (self._made(name, n) for name, n in self.sizes.items())
        if self.range != UNBOUNDED:
            self.shift, self.scale = fitted([train.values], 1, self.range, self.channel_names)
        return train, val, test

    def _cut(self, path: Path) -> tuple[Examples, Examples, Examples]:
        found = read_measurements(path, self.columns, self.reading)
        within = by_time.parts(len(found.values), self.val_fraction, self.test_fraction)
        self._check_length(path, within, found)
        found = self._whole(path, found, within)
        self.channel_names = found.names
        train, val, test = (found.values[part] for part in within)
        self.shift, self.scale = fitted(by_time.pieces(train), 1, self.range, found.names)
        return self._examples(train), self._examples(val), self._examples(test)

    def _examples(self, part: Tensor) -> Examples:
        values = by_time.windows(part, self.length, self.stride)
        return Examples(values, torch.full((len(values),), -1), {})

    def _check_length(self, path: Path, within: tuple[slice, ...], found: Measurements) -> None:
        rows = [part.stop - part.start for part in within]
        if min(rows) >= self.length:
            return
        columns = found.values.shape[1]
        turned = f" If time runs along its {columns} columns, turn it." if columns > sum(rows) else ""
        advice = (
            f"type data.length={min(rows)} or less"
            if min(rows) > 1
            else "take a longer one, or smaller data.val_fraction and data.test_fraction"
        )
        raise UserError(
            f"{path} has {sum(rows):,} rows, by time {rows[0]:,} to train on, {rows[1]:,} to validate on and "
            f"{rows[2]:,} to test on, and not one window of data.length={self.length} fits into each; {advice}.{turned}"
        )

    def _whole(self, path: Path, found: Measurements, within: tuple[slice, ...]) -> Measurements:
        count, where = by_time.gaps(found)
        if not count:
            return found
        if self.missing == "error":
            raise UserError(
                f"{path} has {count:,} values that are missing (NaN) or infinite (or beyond {LARGEST:.2g}), the "
                f"first in {where}; type data.missing=interpolate to put straight lines in their place, or choose "
                "other columns."
            )
        try:
            return by_time.bridged(found, within)
        except UserError as error:
            raise UserError(f"{path}: {error}") from None

    def _made(self, name: str, n: int) -> Examples:
        generator = generator_for("series", name, self.split_seed)
        if self.kind == "all":
            values, factors = made_up.mixed(n, self.length, generator)
            return Examples(values[:, None], factors["kind"], factors)
        factors = made_up.factors_of(self.kind, n, generator)
        values = made_up.draw(self.kind, factors, self.length, generator)
        return Examples(values[:, None], torch.full((n,), -1), factors)
