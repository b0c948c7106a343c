"""What in a table may not be what it seems: it is told, with what to type where the guess is wrong."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from src.data.arrays.labels import listed
from src.data.tables.features import Categories, is_number, is_text, typed
from src.errors import UserError

if TYPE_CHECKING:
    import pyarrow


def first_line_is_a_row(table: "pyarrow.Table", path: Path) -> bool:
    """Whether what stands where names are expected are numbers; 0, 1, 2, ... are names, as pandas makes them.

    Where what stands below speaks against it, a warning tells what was taken for what.
    """
    from pyarrow import types

    names, whole = table.column_names, [types.is_integer(kind) for kind in table.schema.types]
    numbers = [name for name in names if is_number(name)]
    if not numbers:
        return False
    counted = numbers == [str(i) for i in range(len(numbers))]
    if len(numbers) < len(names) and not counted:
        raise UserError(
            f"{path} has names and numbers in its first line ({listed(names)}); type data.header=false if it is a row, "
            "data.header=true if these are the columns' names."
        )
    if counted and len(numbers) == len(names) and all(whole):
        _tell_guess(path, names, "the columns' names", "data.header=false if it is a row", "true")
    elif not counted and not any(whole) and all(name.strip().isdecimal() for name in names):
        _tell_guess(path, names, "a row", "data.header=true if it holds the columns' names", "false")
    return not counted


def _tell_guess(path: Path, names: list[str], taken_for: str, otherwise: str, silent: str) -> None:
    warnings.warn(
        f"{path}: the first line ({listed(names)}) is taken for {taken_for}; type {otherwise} (data.header={silent} "
        "says that it is right).",
        stacklevel=2,
    )


def tell_open_quotes(table: "pyarrow.Table", delimiter: str, path: Path) -> None:
    """Warn of texts that go on over the end of a line and hold what parts columns: rows that a quote swallowed."""
    from pyarrow import compute

    found = []
    for name, kind, column in zip(table.column_names, table.schema.types, table.columns, strict=True):
        if is_text(kind):
            over = compute.and_(compute.match_substring(column, "\n"), compute.match_substring(column, delimiter))
            found += [name] * (compute.sum(over).as_py() or 0)
    if found:
        warnings.warn(
            f"{path}: {len(found):,} texts of {listed(sorted(set(found)))} go on over the end of a line and hold "
            f"{delimiter!r}; where they should not, a quotation mark is not closed.",
            stacklevel=2,
        )


def tell_disguised(columns: Sequence[Categories], where: str) -> None:
    """Warn of columns that would be numbers but for how these are written, or but for a few texts among them."""
    found = {c.name: why for c in columns if is_text(c.column.type) and (why := disguise(c.values()))}
    if found:
        names, many = list(found), "s" * (len(found) != 1)
        warnings.warn(
            f"{where}: {len(found):,} column{many} taken for categories may be numbers ({listed(names)})."
            f"{found[names[0]]} If they hold categories, type {typed('categorical', names)}.",
            stacklevel=3,
        )


def disguise(values: Sequence[str]) -> str:
    """What may have made text of a column of numbers, a sentence with what to type; empty where they are texts."""
    if any("," in text for text in values) and all(re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})*", t) for t in values):
        return f" Are they numbers, like '{values[0]}'? Then write them without commas between thousands."
    comma = [text for text in values if re.fullmatch(r"[+-]?\d*,\d+", text)]
    if len(comma) > len(values) / 2:
        return f" Are they numbers, like '{comma[0]}'? Then type data.decimal=comma."
    point = [text for text in values if re.fullmatch(r"[+-]?\d*\.\d+", text)]
    others = [text for text in values if not is_number(text)]
    if not others and len(point) > len(values) / 2:
        return f" Are they numbers, like '{point[0]}'? Then leave data.decimal=comma out, or save them as numbers."
    if others and len(others) < len(values) / 2:
        mend = typed("missing_texts", others[:1])
        return f" All but {listed(others)} are numbers; if that means a missing one, type {mend}."
    return ""
