"""Tables out of .csv, .tsv and .parquet files, as pyarrow has them; nothing is written."""

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from src.data.arrays.labels import listed
from src.data.parts import Part
from src.data.tables.doubts import first_line_is_a_row, tell_open_quotes
from src.data.tables.features import is_text
from src.errors import UserError

if TYPE_CHECKING:
    import pyarrow

ENDINGS = (".csv", ".tsv", ".parquet")
PACKED = (".gz", ".bz2", ".zst")
DELIMITERS = ",;\t|"
PARTS: tuple[Part, ...] = ("train", "val", "test")


class Reading(NamedTuple):
    """How the text of a .csv file is to be read."""

    delimiter: str | None = None
    """Between columns; None for what parts the first line most."""
    header: bool | None = None
    """Whether the first line holds the names; None: it does, unless it is all numbers."""
    decimal: Literal["point", "comma"] = "point"
    missing_texts: tuple[str, ...] = ()
    """What means a missing value, beside the empty text, NA, NaN, null and the like."""


def read_tables(root: Path, how: Reading) -> dict[Part, "pyarrow.Table"]:
    """The table of a file as "train"; of a folder those in train.csv, val.csv and test.csv (or .tsv, .parquet).

    Columns without a name, as pandas writes its index, are left out. Names lose blanks at both ends.

    Raises:
        UserError: a file is not there, or cannot be read as a table with distinct names.
    """
    if how.delimiter is not None and not (len(how.delimiter) == 1 and how.delimiter.isascii()):
        raise UserError(
            f"data.delimiter={how.delimiter} parts columns, so it must be one character (of ASCII), e.g. "
            "'data.delimiter=\";\"'."
        )
    if root.is_dir():
        inside = {file.name: file for file in sorted(root.iterdir())}
        names = {part: [part + ending + packed for ending in ENDINGS for packed in ("", *PACKED)] for part in PARTS}
        found = {part: next((inside[name] for name in names[part] if name in inside), None) for part in PARTS}
        files = {part: file for part, file in found.items() if file}
        if "train" not in files:
            raise UserError(
                f"data.root={root} is a folder without train.csv (.tsv, .parquet), which would stand beside val.csv "
                "and test.csv there; name a file, or put the parts there."
            )
    else:
        files = {"train": root}
    return {part: _read(file, how) for part, file in files.items()}


def _read(path: Path, how: Reading) -> "pyarrow.Table":
    import pyarrow

    if not path.exists():
        raise UserError(f"data.root={path} does not exist; name a .csv, .tsv or .parquet file.")
    ending = _ending(path)
    if ending not in ENDINGS:
        arrays = ending in (".npy", ".npz", ".pt")
        raise UserError(
            f"data.root={path} is no .csv, .tsv or .parquet file; "
            + (f"type data=arrays data.root={path}." if arrays else "save the table as one of these.")
        )
    try:
        table = _parquet(path) if ending == ".parquet" else _text(path, how)
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    except (OSError, MemoryError, pyarrow.ArrowException) as error:
        why = " ".join(str(error).split())[:150] or type(error).__name__
        raise UserError(
            f"{path} cannot be read as a {ending} table ({why}); mend that place or save it anew."
        ) from error
    return _named(table, path)


def _parquet(path: Path) -> "pyarrow.Table":
    from pyarrow import parquet

    table = parquet.read_table(path)
    index = [name for name in table.column_names if name.startswith("__index_level_")]
    return table.drop_columns(index) if index else table


def _text(path: Path, how: Reading) -> "pyarrow.Table":
    from pyarrow import csv, types

    delimiter = how.delimiter or _delimiter(path, _first_line(path))
    defaults = csv.ConvertOptions().null_values
    marks = [blank + text for text in how.missing_texts for blank in ("", " ")]
    convert = csv.ConvertOptions(
        null_values=[*defaults, *marks],
        strings_can_be_null=True,
        decimal_point="," if how.decimal == "comma" else ".",
    )
    parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    unnamed = csv.ReadOptions(autogenerate_column_names=how.header is False)
    table = csv.read_csv(path, unnamed, parse, convert)
    if how.header is None and first_line_is_a_row(table, path):
        table = csv.read_csv(path, csv.ReadOptions(autogenerate_column_names=True), parse, convert)
    if any(types.is_binary(kind) for kind in table.schema.types):
        raise _not_utf8(path)
    name = table.column_names[0]
    if table.num_columns == 1 and is_text(table.schema.types[0]) and any(mark in name for mark in f"{DELIMITERS} :"):
        mend = "leave data.delimiter out" if how.delimiter else "type for example 'data.delimiter=\" \"'"
        raise UserError(
            f"{path} has a single column, {name!r}: it is parted by another character than {delimiter!r}; {mend}."
        )
    tell_open_quotes(table, delimiter, path)
    return table


def _first_line(path: Path) -> str:
    import pyarrow

    with pyarrow.input_stream(str(path)) as file:  # unpacks by the ending, as read_csv does
        first = file.read(2**20).split(b"\n", 1)[0]
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_utf8(path, "utf-16")
    return first.decode("utf-8-sig", errors="replace").strip("\r")


def _delimiter(path: Path, first: str) -> str:
    """What parts the first line into most columns."""
    if re.fullmatch("sep=.", first):
        raise UserError(f"{path} begins with {first!r}, a line that only Excel understands; remove that line.")
    return "\t" if _ending(path) == ".tsv" else max(DELIMITERS, key=first.count)


def _named(table: "pyarrow.Table", path: Path) -> "pyarrow.Table":
    names = [name.strip() for name in table.column_names]  # made anew at each look, which takes long for thousands
    kept = [i for i, name in enumerate(names) if name]
    if names and not kept:
        raise UserError(
            f"{path} has no name over any of its columns; type data.header=false if the first line is a row."
        )
    table = table.select(kept).rename_columns([names[i] for i in kept])
    twice = sorted(name for name, n in Counter(names[i] for i in kept).items() if n > 1)
    if twice:
        raise UserError(f"{path} has more than one column called {listed(twice)}; give each a name of its own.")
    if not table.num_rows:
        raise UserError(f"{path} has no rows{', only a line of names' if table.num_columns else ''}.")
    return table


def _ending(path: Path) -> str:
    name = path.name.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    return Path(name).suffix


def _not_utf8(path: Path, found: str = "latin1") -> UserError:
    return UserError(
        f"{path} is not UTF-8 text; save it as UTF-8, for example by iconv -f {found} -t utf8 {path.name} > new.csv."
    )
