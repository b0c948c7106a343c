"""Columns of numbers from a file, one row a moment; nothing is unpickled or written."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from warnings import warn

import numpy as np
import torch
from torch import Tensor

from src.data.arrays.labels import listed
from src.data.tables.doubts import disguise
from src.data.tables.features import is_text, ordered, plain, texts
from src.data.tables.table_files import Reading, read_tables
from src.errors import UserError

if TYPE_CHECKING:
    import pyarrow

_AS_THEY_ARE = ("float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64")
"""The types that torch cuts batches from; others become float64."""


class Measurements(NamedTuple):
    """T rows of C columns."""

    values: Tensor
    """(T, C), float64 of a table; of an .npy file its own type, memory-mapped."""
    names: tuple[str, ...]
    """Of the C columns."""


def read_measurements(path: Path, columns: list[str] | None, how: Reading) -> Measurements:
    """The numeric columns of a .csv, .tsv or .parquet table, or those named; all of an .npy array, (T,) or (T, C).

    Columns of dates and times are left out with a warning that names them.

    Raises:
        UserError: the file is not there, cannot be read, or a column is no number.
    """
    if path.is_dir():
        raise UserError(f"data.root={path} is a folder; a series is one file, .csv, .tsv, .parquet or .npy.")
    if path.suffix.lower() == ".npy":
        return _array(path, columns)
    return _columns(path, read_tables(path, how)["train"], columns)


def _array(path: Path, columns: list[str] | None) -> Measurements:
    if columns is not None:
        raise UserError(f"data.columns names columns, and {path} has no names; leave it out to take all of them.")
    try:
        values: np.ndarray = np.lib.format.open_memmap(path, mode="c")
    except FileNotFoundError as error:
        raise UserError(f"data.root={path} does not exist; name a .csv, .tsv, .parquet or .npy file.") from error
    except Exception as error:  # of a spoilt head numpy raises what it likes, TokenError among it
        why = " ".join(str(error).split())[:150]
        if "Python objects" in why:
            raise UserError(
                f"{path} holds Python objects, which are never unpickled; save numbers of one type."
            ) from error
        raise UserError(f"{path} cannot be read as an .npy array ({why}); put a whole file in its place.") from error
    if values.dtype.kind not in "fiub" or values.ndim not in (1, 2) or not values.size:
        raise UserError(
            f"{path} has shape {list(values.shape)} and type {values.dtype}; a series has numbers of shape [T] or "
            "[T, C], with time along the first axis."
        )
    if values.dtype.name not in _AS_THEY_ARE or not values.dtype.isnative:
        values = values.astype(np.float64)
    stored = torch.from_numpy(values if values.ndim == 2 else values[:, None])
    return Measurements(stored, tuple(map(str, range(stored.shape[1]))))


def _columns(path: Path, table: "pyarrow.Table", columns: list[str] | None) -> Measurements:
    from pyarrow import types

    names = table.column_names
    missing = sorted(set(columns or []) - set(names))
    if missing:
        raise UserError(f"{path} has no column '{missing[0]}'; its columns are {listed(names)}.")
    asked = names if columns is None else list(dict.fromkeys(columns))
    if not asked:
        raise UserError(f"data.columns=[] leaves no column; name some of {listed(names)}, or leave it out to take all.")
    times = [name for name in asked if types.is_temporal(table[name].type)]
    wanted = [name for name in asked if name not in times]
    if not wanted or (columns and times):
        raise UserError(
            f"{path}: {listed(times)} holds dates or times, which are no measurements; a series needs columns of "
            "numbers, in rows that are evenly spaced in time. Choose them by 'data.columns=[...]'."
        )
    if times:
        warn(f"{path}: columns of dates and times are left out: {listed(times)}.", stacklevel=2)
    values = np.empty((table.num_rows, len(wanted)))
    for place, name in enumerate(wanted):
        values[:, place] = _numbers(path, name, table[name], wanted)
    return Measurements(torch.from_numpy(values), tuple(wanted))


def _numbers(path: Path, name: str, column: Any, wanted: list[str]) -> np.ndarray:
    import pyarrow
    from pyarrow import types

    if types.is_null(column.type):
        raise UserError(f"{path}: column '{name}' has no values at all; choose others by 'data.columns=[...]'.")
    numeric = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal)
    if not any(is_kind(column.type) for is_kind in numeric):
        found = next((f", '{v}' in row {i}" for i, v in enumerate(column.to_pylist(), 1) if _is_text(v)), "")
        why = disguise(texts(ordered(plain(column)))) if is_text(column.type) else ""
        raise UserError(
            f"{path}: column '{name}' has what is no number{found}; choose columns of numbers by 'data.columns=[...]', "
            f"out of {listed(wanted)}, or name what means a missing value, e.g. 'data.missing_texts=[\"?\"]'.{why}"
        )
    return column.cast(pyarrow.float64()).to_numpy()


def _is_text(value: Any) -> bool:
    try:
        float(str(value))
    except ValueError:
        return value is not None
    return False
