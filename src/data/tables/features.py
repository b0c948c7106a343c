"""What becomes of one column of a table: standardised numbers, or one-hot categories."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from src.data.arrays.finite import LARGEST
from src.errors import UserError


class Column(Protocol):
    """One column that becomes some features."""

    names: list[str]

    def fill(self, into: np.ndarray) -> None:
        """Write its features, (N, len(names)), over zeros."""


class Numbers:
    """A column of numbers, standardised; or, `bounded`, with its lowest in the `rows` as 0 and its highest as 1."""

    def __init__(
        self, name: str, column: Any, rows: np.ndarray, bounded: bool, indicate_missing: bool, where: str
    ) -> None:
        self.column = column
        values = self._values()
        broken = np.flatnonzero(np.abs(values) > LARGEST)
        if len(broken):
            raise UserError(
                f"{where}: column '{name}' has {len(broken):,} values that are infinite (or beyond {LARGEST:.2g}), the "
                f"first in row {broken[0] + 1:,}; mend them, or type {typed('drop', [name])}."
            )
        known = values[rows]
        known = known[~np.isnan(known)]
        self.mean = known.mean()
        low, high = known.min(), known.max()
        self.shift = low if bounded else self.mean
        scale = high - low if bounded else known.std()
        self.scale = scale if low < high and scale > 0 else np.inf  # and 0 is what all values become
        self.names = [name, *([f"{name} missing"] if indicate_missing and len(known) < len(rows) else [])]

    def fill(self, into: np.ndarray) -> None:
        values = self._values()
        into[:, 0] = (np.nan_to_num(values, nan=self.mean) - self.shift) / self.scale
        if len(self.names) > 1:
            into[:, 1] = np.isnan(values)

    def _values(self) -> np.ndarray:
        """(N,) float64, NaN where one is missing."""
        import pyarrow

        return self.column.cast(pyarrow.float64(), safe=False).to_numpy()


class Categories:
    """A column of values that are told apart, one-hot."""

    def __init__(self, name: str, column: Any, rows: np.ndarray) -> None:
        self.name = name
        self.column = column
        train = column.take(rows)
        self.known = ordered(train)
        self.names = [f"{name}={value}" for value in texts(self.known)]
        if train.null_count:
            self.names.append(f"{name} missing")

    def values(self) -> list[str]:
        """Those that occur in any row, as they are written."""
        return texts(ordered(self.column))

    def fill(self, into: np.ndarray) -> None:
        codes = numbers_of(self.column, self.known)
        if len(self.names) > len(self.known):
            codes[self.column.is_null().to_numpy()] = len(self.known)
        rows = np.flatnonzero(codes >= 0)
        into[rows, codes[rows]] = 1


def plain(column: Any) -> Any:
    """A column with its values themselves; text without blanks at its ends; null where a value is empty or NaN."""
    from pyarrow import compute, scalar, types

    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if types.is_string_view(column.type) or types.is_float16(column.type):  # which arrow does not put in order
        column = column.cast("string" if types.is_string_view(column.type) else "float32")
    if is_text(column.type):
        column = compute.utf8_trim_whitespace(column)
        return compute.if_else(compute.equal(column, ""), scalar(None, column.type), column)
    if types.is_floating(column.type):
        return compute.if_else(compute.is_nan(column), scalar(None, column.type), column)
    return column


def ordered(column: Any) -> Any:
    """The values that occur, in ascending order."""
    from pyarrow import compute

    values = compute.unique(column.drop_null())
    return values.take(compute.array_sort_indices(values))


def numbers_of(column: Any, known: Any) -> np.ndarray:
    """The place of each value among those `known`, (N,) int64; -1 where it is missing or not among them."""
    from pyarrow import compute

    return compute.index_in(column, value_set=known).fill_null(-1).to_numpy().astype(np.int64)


def texts(values: Any) -> list[str]:
    """Each value as it is written."""
    import pyarrow

    return values.cast(pyarrow.string()).to_pylist()


def is_text(kind: Any) -> bool:
    """Whether a type of pyarrow's is text."""
    from pyarrow import types

    return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)


def typed(dial: str, texts: Sequence[str]) -> str:
    """A list of texts as one types it in a shell."""
    items = (text if text.isidentifier() else '"' + text.replace('"', r"\"") + '"' for text in texts)
    return f"'data.{dial}=[{','.join(items)}]'"


def is_number(text: str) -> bool:
    """Whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
