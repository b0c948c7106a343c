"""The user's own tables."""

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

import torch
from torch import Tensor

from src.data.arrays.labels import listed, warn_of_single
from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.data.parts import Part, three_sets
from src.data.roots import located
from src.data.tables.columns import MOST_CATEGORIES, encode
from src.data.tables.features import numbers_of, ordered, plain, texts, typed
from src.data.tables.table_files import Reading, read_tables
from src.errors import UserError
from src.ranges import UNBOUNDED, OpenFraction, PositiveInt

if TYPE_CHECKING:
    import pyarrow


class Table(DataModule):
    """The rows of a .csv, .tsv or .parquet file as standardised numbers and one-hot categories (see `encode`).

    Of a folder with train.csv, val.csv, test.csv the parts stay as they are; what is missing is cut from the training
    part by `split_seed`, stratified by label. Mean and deviation are those of the training rows. Other parameters:
    `DataModule`; `range` is None where it is not given; to one with ends go a column's lowest and highest in training.

    Args:
        root: the file or folder.
        label: the column of the classes, kept out of x; None for none.
        columns: those to take; None for all.
        drop: those not to take.
        categorical: columns of numbers that are names of categories.
        max_categories: how many values a categorical column may have.
        indicate_missing: tell where numbers were missing, see `encode`.
        missing_texts, delimiter, header, decimal: how the text is read, see `Reading`.
        val_fraction: for validation, of what is not the test's.
        test_fraction: for the test, of all.

    Raises:
        UserError: at `setup()`, whatever is wrong with the table.
    """

    scale = 1.0

    def __init__(
        self,
        *,
        root: str | None = None,
        label: str | None = None,
        columns: list[str] | None = None,
        drop: list[str] | None = None,
        categorical: list[str] | None = None,
        max_categories: PositiveInt = MOST_CATEGORIES,
        indicate_missing: bool = False,
        missing_texts: list[str] | None = None,
        delimiter: str | None = None,
        header: bool | None = None,
        decimal: Literal["point", "comma"] = "point",
        val_fraction: OpenFraction = 0.1,
        test_fraction: OpenFraction = 0.2,
        **dials: Unpack[Dials],
    ) -> None:
        dials.setdefault("range", None)
        super().__init__(**dials)
        self.root, self.label, self.columns, self.drop = root, label, columns, drop or []
        self.categorical, self.max_categories = categorical or [], max_categories
        self.indicate_missing = indicate_missing
        self.reading = Reading(delimiter, header, decimal, tuple(missing_texts or ()))
        self.val_fraction, self.test_fraction = val_fraction, test_fraction

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The rows of the three sets, all of one array."""
        if self.root is None:
            raise UserError("data=csv needs a file: type data.root=my.csv (or .tsv, .parquet, or a folder of parts).")
        root = located(self.root)
        tables = read_tables(root, self.reading)
        table = _joined(tables, root)
        self._check_names(table.column_names, root)
        labels = self._labels(table, root)
        everything = Examples(torch.empty(table.num_rows, 0), labels, {})
        ends = list(accumulate((each.num_rows for each in tables.values()), initial=0))
        given = {part: everything.take(slice(*rows)) for part, rows in zip(tables, pairwise(ends), strict=True)}
        sets = three_sets(given, self.val_fraction, self.test_fraction, self.split_seed, str(root))
        assert sets[0].rows is not None
        encoded = encode(
            table.select(self._taken(table.column_names)),
            sets[0].rows,
            bounded=self.range != UNBOUNDED,
            categorical=self.categorical,
            max_categories=self.max_categories,
            indicate_missing=self.indicate_missing,
            where=str(root),
        )
        self.feature_names = encoded.names
        train, val, test = (examples._replace(values=encoded.values) for examples in sets)
        return train, val, test

    def _taken(self, names: Sequence[str]) -> list[str]:
        left_out = {self.label, *self.drop}
        wanted = names if self.columns is None else dict.fromkeys(self.columns)
        return [name for name in wanted if name not in left_out]

    def _labels(self, table: "pyarrow.Table", root: Path) -> Tensor:
        """(N,) int64; sets the classes' names."""
        if self.label is None:
            return torch.full((table.num_rows,), -1)
        column = plain(table[self.label])
        column = _whole(column, f"{root}: the label column '{self.label}'")
        known = ordered(column)
        if not len(known):
            raise UserError(f"{root}: the label column '{self.label}' has no value at all; type data.label=null.")
        self.class_names = tuple(texts(known))
        labels = torch.from_numpy(numbers_of(column, known))
        warn_of_single(labels, self.class_names)
        return labels

    def _check_names(self, names: Sequence[str], root: Path) -> None:
        asked = {"columns": self.columns or [], "drop": self.drop, "categorical": self.categorical}
        for dial, wanted in {"label": [self.label] if self.label is not None else [], **asked}.items():
            unknown = [name for name in wanted if name not in names]
            if unknown:
                near = get_close_matches(unknown[0], names, n=1)
                raise UserError(
                    f"data.{dial}: {root} has no column '{unknown[0]}'"
                    + (f"; did you mean '{near[0]}'?" if near else f"; it has {listed(names)}.")
                )


def _joined(tables: dict[Part, "pyarrow.Table"], root: Path) -> "pyarrow.Table":
    """All parts, one below the other."""
    import pyarrow

    first = tables["train"]
    for part, table in tables.items():
        other = set(first.column_names) ^ set(table.column_names)
        if other:
            raise UserError(
                f"{root}: train and {part} do not have the same columns; {listed(sorted(other))} stand in one of them "
                "only."
            )
    try:
        return pyarrow.concat_tables(
            [table.select(first.column_names) for table in tables.values()], promote_options="permissive"
        )
    except pyarrow.ArrowException as error:
        for name in first.column_names:
            kinds = {part: str(table[name].type) for part, table in tables.items()}
            if len(set(kinds.values()) - {"null"}) > 1:
                found = ", ".join(f"{kind} in {part}" for part, kind in kinds.items())
                raise UserError(
                    f"{root}: column '{name}' is {found}; write it alike in all parts, or type {typed('drop', [name])}."
                ) from error
        raise


def _whole(column: Any, where: str) -> Any:
    """Numbers with a decimal point as whole ones."""
    import pyarrow
    from pyarrow import types

    if types.is_nested(column.type):
        raise UserError(f"{where} holds {column.type}; classes are whole numbers or text.")
    if not (types.is_floating(column.type) or types.is_decimal(column.type)):
        return column
    try:
        return column.cast(pyarrow.int64())
    except pyarrow.ArrowInvalid as error:
        raise UserError(
            f"{where} holds numbers with fractions, and classes are whole numbers or text; type data.label=null to "
            "keep it among the columns."
        ) from error
