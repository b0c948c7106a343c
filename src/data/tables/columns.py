"""The columns of a table as features: numbers brought to one scale, and one-hot categories."""

import warnings
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from src.data.arrays.labels import NAMED, listed
from src.data.standardise import warn_of_constant
from src.data.tables.doubts import disguise, tell_disguised
from src.data.tables.features import Categories, Column, Numbers, is_text, plain, typed
from src.errors import UserError

if TYPE_CHECKING:
    import pyarrow

MOST_CATEGORIES = 100


class Encoded(NamedTuple):
    """A table as numbers."""

    values: Tensor
    """(N, D) float32."""
    names: tuple[str, ...]
    """Of the D features: a column's name; of a category `column=category`."""


def encode(
    table: "pyarrow.Table",
    train: Tensor,
    *,
    bounded: bool = False,
    categorical: Collection[str] = (),
    max_categories: int = MOST_CATEGORIES,
    indicate_missing: bool = False,
    where: str = "the table",
) -> Encoded:
    """All columns in their order; whatever is fitted is fitted on the rows `train` (n,) alone.

    Numbers become (v - mean) / std, or, `bounded`, (v - lowest) / (highest - lowest); where they are missing, the mean
    stands for them. A column with one value in training is 0 everywhere.
    Text, bool, dictionaries and the columns called `categorical` become one feature for each value in training, in its
    order, 1 where the row has that value; "missing" is a value of its own if it occurs in training, and a value that
    does not occur there is 0 in all. Columns without any value in training are left out, with a warning.

    Args:
        max_categories: how many values a categorical column may have.
        indicate_missing: one more feature for each column of numbers with missing ones: 1 where they are, else 0.
        where: where the table comes from, for messages.

    Raises:
        UserError: a column is neither numbers nor categories, is infinite, has too many categories; none is left.
    """
    rows = train.numpy()
    kinds = {name: _kind(table[name].type, name in categorical) for name in table.column_names}
    _check_kinds(kinds, table, where)
    columns: list[Column] = [
        Numbers(name, column, rows, bounded, indicate_missing, where)
        if kinds[name] == "numbers"
        else Categories(name, column, rows)
        for name, column in _with_values(table, rows, where).items()
    ]
    _check_columns(columns, max_categories, where)
    tell_disguised([c for c in columns if isinstance(c, Categories) and c.name not in categorical], where)
    warn_of_constant([c.names[0] for c in columns if isinstance(c, Numbers) and np.isinf(c.scale)], len(columns))
    values = np.zeros((table.num_rows, sum(len(column.names) for column in columns)), np.float32)
    at = 0
    for column in columns:
        column.fill(values[:, at : at + len(column.names)])
        at += len(column.names)
    return Encoded(torch.from_numpy(values), tuple(name for column in columns for name in column.names))


def _with_values(table: "pyarrow.Table", rows: np.ndarray, where: str) -> dict[str, Any]:
    """The columns that have a value in the rows, with plain values; others are counted in a warning."""
    columns = {name: plain(table[name]) for name in table.column_names}
    empty = [name for name, column in columns.items() if column.take(rows).null_count == len(rows)]
    if empty:
        warnings.warn(
            f"{len(empty):,} of {len(columns):,} columns of {where} have no value in training ({listed(empty)}) and "
            "are left out.",
            stacklevel=3,
        )
    return {name: column for name, column in columns.items() if name not in empty}


def _kind(kind: Any, named_categorical: bool) -> str:
    from pyarrow import types

    inner = kind.value_type if types.is_dictionary(kind) else kind
    numeric = types.is_integer(inner) or types.is_floating(inner) or types.is_decimal(inner) or types.is_null(inner)
    if is_text(inner) or types.is_boolean(inner) or (numeric and (inner is not kind or named_categorical)):
        return "categories"
    return "numbers" if numeric else "other"


def _check_kinds(kinds: dict[str, str], table: "pyarrow.Table", where: str) -> None:
    other = [name for name, kind in kinds.items() if kind == "other"]
    if other:
        raise UserError(
            f"{where} has columns that are neither numbers nor categories: "
            f"{', '.join(f'{name!r} ({table[name].type})' for name in other[:NAMED])}; type {typed('drop', other)}."
        )


def _check_columns(columns: Sequence[Column], max_categories: int, where: str) -> None:
    if not columns:
        raise UserError(f"{where} has no column to learn from; choose others by data.columns or data.drop.")
    wide = [c for c in columns if isinstance(c, Categories) and len(c.known) > max_categories]
    if wide:
        names = [column.name for column in wide]
        found = ", ".join(f"'{column.name}' has {len(column.known):,}" for column in wide[:NAMED])
        raise UserError(
            f"{where}: too many categories, more than data.max_categories={max_categories}: {found}; type "
            f"{typed('drop', names)}, or a larger data.max_categories.{disguise(wide[0].values())}"
        )
