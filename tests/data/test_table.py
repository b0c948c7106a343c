"""The user's own tables and scikit-learn's: columns as numbers, how text is read, and what is refused."""

import gzip
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import torch
from sklearn import datasets
from sklearn.impute import MissingIndicator
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from torch import Tensor

from src.data import BreastCancer, DataModule, ExampleSet, Table, Wine
from src.data.tables.table_files import _named
from src.errors import UserError
from tests.conftest import NO_PICTURES, run

Snapshot = Callable[[], dict[str, bytes]]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _no_warning_unasked() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module=r"src\.")
        yield


def written(path: Path, columns: dict[str, Any], delimiter: str = ",") -> Path:
    """A text table; None and NaN are left empty."""
    rows = zip(*([("" if v is None or v != v else str(v)) for v in column] for column in columns.values()), strict=True)
    path.write_text("\n".join(delimiter.join(row) for row in [list(columns), *rows]) + "\n", encoding="utf-8")
    return path


def table(root: Path, **dials: Any) -> Table:
    data = Table(root=str(root), **dials)
    data.setup()
    return data


def sets_of(data: DataModule) -> list[ExampleSet]:
    return [data.train_set, data.val_set, data.test_set]


def x_of(examples: ExampleSet) -> Tensor:
    return examples.__getitems__(range(len(examples))).x


def rows_of(examples: ExampleSet) -> np.ndarray:
    assert examples.rows is not None
    return examples.rows.numpy()


# --- columns as numbers


@pytest.mark.parametrize(
    ("value_range", "scaler"), [(None, StandardScaler()), ([0, 1], MinMaxScaler()), ([-1, 1], MinMaxScaler((-1, 1)))]
)
def test_numbers_are_scaled_as_scikit_learn_does_on_the_training_rows_alone(
    tmp_path: Path, rng: np.random.Generator, value_range: list[float] | None, scaler: Any
) -> None:
    x = rng.normal([0, 1e9, 0, 3], [1, 2, 1e-6, 1e5], (80, 4))  # more digits than float32 has
    data = table(written(tmp_path / "x.csv", dict(zip("abcd", x.T, strict=True))), range=value_range)
    assert data.feature_names == ("a", "b", "c", "d")
    assert [len(s) for s in sets_of(data)] == [58, 6, 16]
    scaler.fit(x[rows_of(data.train_set)])
    for s in sets_of(data):
        np.testing.assert_allclose(x_of(s), scaler.transform(x[rows_of(s)]), atol=1e-5)


def test_missing_numbers_become_the_mean_of_training(tmp_path: Path, rng: np.random.Generator) -> None:
    x = np.where(rng.random((80, 3)) < 0.2, np.nan, rng.normal(5, 2, (80, 3)))
    path = written(tmp_path / "x.csv", {**dict(zip("abc", x.T, strict=True)), "whole": np.arange(80.0)})
    x = np.column_stack([x, np.arange(80.0)])
    data = table(path)
    own = StandardScaler().fit(x[rows_of(data.train_set)])  # which leaves NaN out, and in
    for s in sets_of(data):
        np.testing.assert_allclose(x_of(s), np.nan_to_num(own.transform(x[rows_of(s)])), atol=1e-5)

    told = table(path, indicate_missing=True)
    assert told.feature_names == ("a", "a missing", "b", "b missing", "c", "c missing", "whole")
    where = MissingIndicator().fit(x[rows_of(data.train_set)])
    np.testing.assert_array_equal(x_of(told.test_set)[:, [1, 3, 5]], where.transform(x[rows_of(told.test_set)]))


def test_categories_are_one_hot_as_scikit_learn_has_them_and_unknown_ones_are_zero(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    (tmp_path / "parts").mkdir()
    colours, sizes = np.array(["red", "blue", "Ärger", "green"]), np.array([30, 4, 100])
    parts = {"train": (40, 3), "val": (9, 3), "test": (12, 4)}  # green is in the test alone
    found = {
        part: {"colour": colours[rng.integers(0, kinds, n)], "size": sizes[rng.integers(0, 3, n)]}
        for part, (n, kinds) in parts.items()
    }
    for part, columns in found.items():
        written(tmp_path / "parts" / f"{part}.csv", columns)
    data = table(tmp_path / "parts", categorical=["size"])
    rows = {part: np.array([*columns.values()], dtype=object).T for part, columns in found.items()}
    own = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(rows["train"])
    expected = ("colour=blue", "colour=red", "colour=Ärger", "size=4", "size=30", "size=100")
    assert data.feature_names == expected
    assert tuple(own.get_feature_names_out(["colour", "size"])) == tuple(name.replace("=", "_") for name in expected)
    for s, part in zip(sets_of(data), parts, strict=True):
        np.testing.assert_array_equal(x_of(s), own.transform(rows[part]))
    assert (x_of(data.test_set)[:, :3].sum(1) == 0).sum() == (found["test"]["colour"] == "green").sum() > 0


def test_a_missing_category_is_one_of_its_own_where_training_has_it(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text('a,b\nx,u\n,v\n" x ",u\nNA,v\n')
    (tmp_path / "test.csv").write_text("a,b\n,u\nx,\n")
    data = table(tmp_path, val_fraction=0.01)
    assert data.feature_names == ("a=x", "a missing", "b=u", "b=v")
    assert x_of(data.test_set).tolist() == [[0, 1, 1, 0], [1, 0, 0, 0]]


def test_a_constant_column_stays_at_zero_and_is_counted(tmp_path: Path, rng: np.random.Generator) -> None:
    columns = {"a": rng.random(40), "b": [0.1] * 40}  # its mean is another number by rounding
    written(tmp_path / "train.csv", columns)
    written(tmp_path / "test.csv", {"a": rng.random(9), "b": np.arange(9)})
    for value_range in (None, [0, 1]):
        with pytest.warns(UserWarning, match=r"1 of 2 are constant in training \('b'\)"):
            data = table(tmp_path, range=value_range)
        assert all((x_of(s)[:, 1] == 0).all() for s in sets_of(data))


def test_columns_without_a_value_in_training_are_left_out_and_counted(tmp_path: Path, rng: np.random.Generator) -> None:
    none = [None] * 40
    written(tmp_path / "train.csv", {"a": rng.random(40), "b": none, "c": none})
    written(tmp_path / "test.csv", {"a": rng.random(9), "b": [None] * 9, "c": np.arange(9)})
    with pytest.warns(UserWarning, match=r"2 of 3 columns of .* have no value in training \('b', 'c'\)"):
        assert table(tmp_path).feature_names == ("a",)
    empty = {"a": rng.random(20), "b": np.full(20, np.nan), "c": [" "] * 20, "d": pa.nulls(20)}
    pyarrow.parquet.write_table(pa.table(empty), tmp_path / "x.parquet")
    with pytest.warns(UserWarning, match=r"3 of 4 columns of .* have no value in training \('b', 'c', 'd'\)"):
        assert table(tmp_path / "x.parquet").feature_names == ("a",)


def test_columns_of_parquet_keep_their_types(tmp_path: Path, rng: np.random.Generator) -> None:
    found = pa.table(
        {
            "a": pa.array(rng.normal(3, 2, 40), pa.float32()),
            "b": pa.array([None, *range(39)], pa.uint64()),
            "c": pa.array([["x", "y"][i % 2] for i in range(40)]).dictionary_encode(),
            "d": pa.array([bool(i % 3) for i in range(40)]),
            "e": pa.array(np.arange(40) / 4).cast(pa.decimal128(6, 2)),
            "__index_level_0__": pa.array(range(40)),
        }
    )
    pyarrow.parquet.write_table(found, tmp_path / "x.parquet")
    data = table(tmp_path / "x.parquet", label="d")
    assert data.feature_names == ("a", "b", "c=x", "c=y", "e")
    assert data.class_names == ("false", "true")
    rows = rows_of(data.test_set)
    assert x_of(data.test_set)[:, 2].tolist() == [float(i % 2 == 0) for i in rows]
    assert data.test_set.labels.tolist() == [int(i % 3 > 0) for i in rows]
    numbers = np.column_stack([found["a"].to_numpy(), np.arange(40) / 4])
    own = StandardScaler().fit(numbers[rows_of(data.train_set)])
    np.testing.assert_allclose(x_of(data.test_set)[:, [0, 4]], own.transform(numbers[rows]), atol=1e-5)


# --- labels and parts


def test_the_label_is_kept_out_and_parts_classes_in_proportion(tmp_path: Path, rng: np.random.Generator) -> None:
    kinds = np.repeat([10, 2, 7], [70, 20, 10])
    data = table(written(tmp_path / "x.csv", {"a": rng.random(100), "kind": kinds, "b": rng.random(100)}), label="kind")
    assert data.told() == {"shape": [2], "classes": 3}
    assert data.class_names == ("2", "7", "10")
    assert torch.bincount(data.test_set.labels).tolist() == [4, 2, 14]
    for s in sets_of(data):
        assert [int(data.class_names[k]) for k in s.labels] == kinds[rows_of(s)].tolist()
    assert sorted(np.concatenate([rows_of(s) for s in sets_of(data)])) == list(range(100))


def test_a_row_without_a_label_has_none_and_a_single_member_is_counted(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    kinds = ["a", "b", "", "b"] * 5 + ["odd"]
    path = written(tmp_path / "x.csv", {"v": rng.random(21), "kind": kinds})
    with pytest.warns(UserWarning, match=r"1 of 3 classes have a single example \('odd'\)"):
        data = table(path, label="kind")
    labels = np.empty(21, int)
    for s in sets_of(data):
        labels[rows_of(s)] = s.labels
    assert labels.tolist() == [{"a": 0, "b": 1, "odd": 2, "": -1}[kind] for kind in kinds]


def test_columns_are_chosen_by_name(tmp_path: Path, rng: np.random.Generator) -> None:
    path = written(tmp_path / "x.csv", {name: rng.random(20) for name in "abcd"})
    assert table(path, columns=["c", "a", "c"]).feature_names == ("c", "a")
    assert table(path, drop=["c", "a"]).feature_names == ("b", "d")
    assert table(path, columns=["a", "b"], drop=["b"]).feature_names == ("a",)


def test_a_split_follows_from_its_seed(tmp_path: Path, rng: np.random.Generator) -> None:
    path = written(tmp_path / "x.csv", {"a": rng.random(50)})
    first, again, other = (table(path, seed=seed, split_seed=split) for seed, split in ((0, 0), (5, 0), (0, 1)))
    assert (rows_of(first.test_set) == rows_of(again.test_set)).all()
    assert (rows_of(first.test_set) != rows_of(other.test_set)).any()


# --- how text is read


PLAIN = "a,b\n1,2\n3,4\n5,7\n8,1\n9,4\n"
TEXT = {
    "semicolons": (PLAIN.replace(",", ";"), {}),
    "tabs": (PLAIN.replace(",", "\t"), {}),
    "bars": (PLAIN.replace(",", "|"), {}),
    "blanks": (PLAIN.replace(",", " "), {"delimiter": " "}),
    "blanks after commas": (PLAIN.replace(",", ", "), {}),
    "a byte order mark": ("\ufeff" + PLAIN, {}),
    "ends of lines of Windows": (PLAIN.replace("\n", "\r\n"), {}),
    "empty lines": (PLAIN.replace("\n", "\n\n"), {}),
    "quotes": (re.sub(r"(\w)", r'"\1"', PLAIN), {}),
    "an index of pandas": ("".join(f"{i or ''},{line}\n" for i, line in enumerate(PLAIN.split())), {}),
    "numbers for names": (PLAIN.replace("a,b", "0,1"), {"header": True}),
    "no names": (PLAIN[4:], {"header": False}),
    "only numbers": (PLAIN[4:], {}),
    "commas in numbers": (re.sub(r"(\d)", r"\1,0", PLAIN.replace(",", ";")), {"decimal": "comma"}),
}


@pytest.mark.parametrize("name", TEXT)
def test_one_table_however_it_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain.csv").write_text(PLAIN)
    (tmp_path / "x.csv").write_bytes(TEXT[name][0].encode())
    data = table(tmp_path / "x.csv", **TEXT[name][1])
    assert len(data.feature_names) == 2
    assert data.train_set.values.unique().numel() > 5
    assert torch.equal(table(tmp_path / "plain.csv").train_set.values, data.train_set.values)


def test_marks_of_missing_values_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "a,b\n" + "".join(f"{i if i % 4 else '?'}, {'-' if i % 5 else i}\n" for i in range(40))
    )
    data = table(tmp_path / "x.csv", missing_texts=["?", "-"])
    assert data.feature_names == ("a", "b")


def test_a_packed_file_is_unpacked(tmp_path: Path, rng: np.random.Generator) -> None:
    path = written(tmp_path / "x.csv", {"a": rng.random(20), "b": rng.random(20)})
    (tmp_path / "y.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert torch.equal(table(path).train_set.values, table(tmp_path / "y.csv.gz").train_set.values)


def test_a_column_that_turns_into_text_late_is_text(tmp_path: Path) -> None:
    rows = [f"{i},{i % 3}" for i in range(300_000)] + ["1,x"]  # beyond the block whose types are guessed
    (tmp_path / "x.csv").write_text("\n".join(["a,b", *rows]))
    data = table(tmp_path / "x.csv", categorical=["b"])
    assert data.feature_names[:4] == ("a", "b=0", "b=1", "b=2")


# --- what may not be what it seems

NUMBERS = "".join(f"{i},{i * i % 7}\n" for i in range(30))
FLOATS = "0.5,1.5\n-2.25,0.5\n1.5,-3.5\n0.25,2.5\n"
DOUBTS: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "0, 1 over whole numbers": ("0,1\n" + NUMBERS, {}, 30, r"first line \('0', '1'\) .* the columns' names; .*=false"),
    "a series that counts": ("0\n1\n2\n3\n4\n", {}, 4, r"first line \('0'\) is taken for the columns' names"),
    "years over fractions": ("2019,2020\n" + FLOATS, {}, 5, r"\('2019', '2020'\) is taken for a row; .*header=true"),
    "a text that may mean missing": (
        "a,b\n" + "".join(f"{i if i % 9 else '?'},{i}\n" for i in range(1, 30)),
        {},
        29,
        r"1 column taken .* \('a'\)\. All but '\?' are numbers; .*=\[\"\?\"\]'\. If .* 'data\.categorical=\[a\]'",
    ),
    "a text that may mean missing, not in training": (
        "a\n" + "".join(f"{i}\n" for i in range(28)) + "-\n",
        {"split_seed": 0},
        29,
        r"All but '-' are numbers",
    ),
    "commas in numbers": (
        FLOATS.replace(",", ";").replace(".", ",").replace("0,5;", "a;b\n0,5;", 1),
        {},
        4,
        r"2 columns taken .* \('a', 'b'\)\. Are they numbers, like '-2,25'\? Then type data\.decimal=comma\.",
    ),
    "commas between thousands": (
        'a,b\n"1,000",1\n"2,500",2\n"3,000",3\n"4,750",4\n',
        {},
        4,
        "commas between thousands",
    ),
    "points where commas are told": ("a,b\n" + FLOATS, {"decimal": "comma"}, 4, r"leave data\.decimal=comma out"),
    "a quote that is not closed": (
        "a,b\n" + "".join(f'{i},"x{i % 2}\n' for i in range(8)),
        {},
        4,
        r"4 texts of 'b' go on over the end of a line and hold ','; .* not closed",
    ),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_what_may_not_be_what_it_seems_is_told(tmp_path: Path, name: str) -> None:
    content, dials, rows, words = DOUBTS[name]
    (tmp_path / "x.csv").write_text(content)
    with pytest.warns(UserWarning, match=words) as told:
        data = table(tmp_path / "x.csv", **dials)
    assert len(told) == 1
    assert "\n" not in str(told[0].message)
    assert sum(len(examples) for examples in (data.train_set, data.val_set, data.test_set)) == rows


@pytest.mark.parametrize(
    ("name", "dials"),
    [
        ("0, 1 over whole numbers", {"header": True}),
        ("0, 1 over whole numbers", {"header": False}),
        ("years over fractions", {"header": False}),
        ("years over fractions", {"header": True}),
        ("a text that may mean missing", {"categorical": ["a"]}),
        ("a text that may mean missing", {"missing_texts": ["?"]}),
        ("commas in numbers", {"decimal": "comma"}),
    ],
)
def test_a_doubt_that_was_answered_is_told_no_more(tmp_path: Path, name: str, dials: dict[str, Any]) -> None:
    (tmp_path / "x.csv").write_text(DOUBTS[name][0])
    table(tmp_path / "x.csv", **dials)  # any warning fails here


def test_the_names_of_thousands_of_columns_are_looked_at_once_or_twice(tmp_path: Path) -> None:
    """pyarrow makes their list anew at each look: a look for each name takes minutes for 20,000."""

    class Watched:
        num_rows, num_columns, looks = 1, 500, 0

        @property
        def column_names(self) -> list[str]:
            Watched.looks += 1
            return [f" {i}" for i in range(self.num_columns)]

        def select(self, kept: list[int]) -> "Watched":
            return self

        def rename_columns(self, names: list[str]) -> "Watched":
            assert names[-1] == "499"
            return self

    _named(Watched(), tmp_path)
    assert Watched.looks < 5


# --- bad input


BAD: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "empty": ("", {}, r"x\.csv cannot be read as a \.csv table \(Empty CSV file\)"),
    "only a line of names": ("a,b\n", {}, "has no rows, only a line of names"),
    "one row": ("a,b\n1,2\n", {}, "has 1 example to train on, and test and validation must be cut from them; give 3"),
    "a row too long": ("a,b\n1,2\n1,2,3\n", {}, r"cannot be read as a \.csv table \(.*Expected 2 columns, got 3"),
    "a name twice": ("a,a\n1,2\n", {}, r"more than one column called 'a'; give each a name"),
    "names and numbers in the first line": ("5.1,3.5,setosa\n", {}, r"type data\.header=false if it is a row"),
    "not UTF-8": ("a,b\ncafé,2\n".encode("latin1"), {}, "is not UTF-8 text; save it as UTF-8"),
    "names not UTF-8": ("café,b\n1,2\n".encode("latin1"), {}, "is not UTF-8 text"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), {}, "iconv -f utf-16"),
    "another delimiter": ("a b\n1 2\n", {}, r"has a single column, 'a b': it is parted by another .*data\.delimiter"),
    "a delimiter that is not there": ("a,b\n1,2\n", {"delimiter": ";"}, r"single column, 'a,b': .* leave data\.delim"),
    "a long delimiter": ("a,b\n" + NUMBERS, {"delimiter": "::"}, r"data\.delimiter=::.* one character"),
    "a delimiter that is not ASCII": ("a,b\n" + NUMBERS, {"delimiter": "é"}, r"data\.delimiter=é .* \(of ASCII\)"),
    "a line that Excel wrote": ("sep=;\na;b\n1;2\n", {}, r"begins with 'sep=;', .* remove that line"),
    "no name at all": (",\n1,2\n3,4\n", {}, r"has no name over any of its columns; type data\.header=false"),
    "infinite": ("a,b\n1,2\n3,inf\n4,-inf\n", {}, r"column 'b' has 2 values that are infinite .* row 2; .*data\.drop"),
    "too large": ("a,b\n1,2\n3,1e300\n4,5\n", {}, r"column 'b' has 1 values that are infinite \(or beyond 3\.4e\+38"),
    "dates": ("a,day\n" + "1,2020-01-01\n" * 3, {}, r"nor categories: 'day' \(date32\[day\]\); type 'data\.drop"),
    "too many categories": (
        "a,name\n" + "".join(f"{i},n{i}\n" for i in range(300)),
        {},
        r"more than data\.max_categories=100: 'name' has 216; type 'data\.drop=\[name\]', or a larger data\.max_cat",
    ),
    "numbers with a text among them": (
        "a\n" + "".join(f"{i}\n" for i in range(300)) + "?\n" * 100,
        {},
        r"All but '\?' are numbers; .* 'data\.missing_texts=\[\"\?\"\]'",
    ),
    "a comma in numbers": (
        "a;b\n" + "".join(f"{i},5;1\n" for i in range(300)),
        {},
        r"like '0,5'\? Then type data\.decimal=comma",
    ),
    "nothing left": ("a,b\n" + NUMBERS, {"drop": ["a", "b"]}, "has no column to learn from"),
    "no such label": ("age,b\n" + NUMBERS, {"label": "agee"}, r"data\.label: .*'agee'; did you mean 'age'\?"),
    "no such column": ("age,b\n" + NUMBERS, {"columns": ["zz"]}, r"data\.columns: .*'zz'; it has 'age', 'b'"),
    "nothing such to drop": ("age,b\n" + NUMBERS, {"drop": ["zz"]}, r"data\.drop: .* no column 'zz'"),
    "no such category": ("age,b\n" + NUMBERS, {"categorical": ["zz"]}, r"data\.categorical: .* no column 'zz'"),
    "a label with fractions": ("a,b\n1,0.5\n2,1\n3,2\n", {"label": "b"}, r"'b' holds numbers with fractions.*null"),
    "a label without values": ("a,b\n1,\n2,\n3,\n", {"label": "b"}, r"'b' has no value at all; type data\.label=null"),
    "another shape": ("a,b\n" + NUMBERS, {"shape": [3]}, r"data\.shape=\[3\], but .* are \[2\]"),
    "other classes": ("a,b\n" + NUMBERS, {"classes": 2, "label": "b"}, r"data\.classes=2, but Table has 4"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_text_is_refused_in_a_sentence(tmp_path: Path, snapshot: Snapshot, name: str) -> None:
    content, dials, words = BAD[name]
    (tmp_path / "x.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    before = snapshot()
    with pytest.raises(UserError, match=words) as error:
        table(tmp_path / "x.csv", **dials)
    assert "\n" not in str(error.value)
    assert snapshot() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, r"data=csv needs a file: type data\.root=my\.csv"),
        ("nowhere.csv", r"nowhere\.csv does not exist"),
        ("folder", r"is a folder without train\.csv"),
        ("x.npy", r"type data=arrays data\.root=.*x\.npy"),
        ("x.xlsx", r"is no \.csv, \.tsv or \.parquet file; save the table"),
        ("x.parquet", r"x\.parquet cannot be read as a \.parquet table"),
        ("x.csv.gz", r"x\.csv\.gz cannot be read as a \.csv table"),
        ("lists.parquet", r"'a' \(list<.*type 'data\.drop=\[a\]'"),
    ],
)
def test_a_file_that_is_no_table_says_what_to_type(tmp_path: Path, name: str | None, words: str) -> None:
    (tmp_path / "folder").mkdir()
    for other in ("x.npy", "x.xlsx", "x.parquet", "x.csv.gz"):
        (tmp_path / other).write_bytes(b"PK what is this")
    pyarrow.parquet.write_table(pa.table({"a": [[1, 2], [3], [4]], "b": [1, 2, 3]}), tmp_path / "lists.parquet")
    data = Table(root=name and str(tmp_path / name))
    with pytest.raises(UserError, match=words) as error:
        data.setup()
    assert "\n" not in str(error.value)


def test_types_that_arrow_does_not_put_in_order_are_read(tmp_path: Path) -> None:
    kinds = pa.array(["x", "y"] * 10, pa.string_view())
    half = pa.array(np.float16([0.5, 1.5] * 10))
    pyarrow.parquet.write_table(pa.table({"kind": kinds, "half": half, "b": range(20)}), tmp_path / "x.parquet")
    data = table(tmp_path / "x.parquet", categorical=["half"])
    assert data.feature_names == ("kind=x", "kind=y", "half=0.5", "half=1.5", "b")
    assert table(tmp_path / "x.parquet", label="kind").class_names == ("x", "y")


@pytest.mark.parametrize(
    ("test_part", "words"),
    [
        ("a,c\n1,2\n", r"train and test do not have the same columns; 'b', 'c' stand in one of them only"),
        ("a,b\n1,x\n", r"column 'b' is int64 in train, string in test; write it alike .*'data\.drop=\[b\]'"),
    ],
)
def test_parts_that_are_not_alike_are_refused(tmp_path: Path, test_part: str, words: str) -> None:
    (tmp_path / "train.csv").write_text("a,b\n" + NUMBERS)
    (tmp_path / "test.csv").write_text(test_part)
    with pytest.raises(UserError, match=words):
        table(tmp_path)


# --- scikit-learn's tables


@pytest.mark.parametrize(("kind", "load"), [(Wine, datasets.load_wine), (BreastCancer, datasets.load_breast_cancer)])
def test_scikit_learns_tables_are_split_and_standardised_as_it_does(kind: Any, load: Any) -> None:
    data = kind(split_seed=3)
    data.setup()
    found = load()
    assert data.told() == {"shape": [found.data.shape[1]], "classes": len(found.target_names)}
    assert data.class_names == tuple(found.target_names)
    assert data.feature_names == tuple(found.feature_names)
    kept, test = train_test_split(np.arange(len(found.data)), test_size=0.3, stratify=found.target, random_state=3)
    assert rows_of(data.test_set).tolist() == test.tolist()
    train = rows_of(data.train_set)
    assert sorted([*train, *rows_of(data.val_set)]) == sorted(kept)
    own = StandardScaler().fit(found.data[train])
    for s in sets_of(data):
        np.testing.assert_allclose(x_of(s), own.transform(found.data[rows_of(s)]), atol=1e-5)
        assert s.labels.tolist() == found.target[rows_of(s)].tolist()


# --- through the program


def test_a_run_on_wine_beside_pca(tmp_path: Path) -> None:
    figures = run(tmp_path / "run", "data=wine", "model.latent_dim=2", "trainer.max_epochs=15", *NO_PICTURES)
    assert "test/psnr" not in figures
    assert figures["baseline/pca_components"] == 2
    # of 13 standardised numbers: the mean alone leaves about 13, two components about half of that
    assert figures["baseline/pca_se"] < 8
    assert figures["test/se"] < 10


def test_a_run_on_a_table_with_a_likelihood(tmp_path: Path, rng: np.random.Generator) -> None:
    columns = {"a": rng.random(60), "b": rng.random(60), "c": np.array(["u", "v"])[rng.integers(0, 2, 60)]}
    path = written(tmp_path / "x.csv", columns | {"kind": np.arange(60) % 2})
    figures = run(
        tmp_path / "run", "data=csv", f"data.root={path}", "data.label=kind", "model=vae", "loss=gaussian",
        "trainer.max_epochs=1", *NO_PICTURES,
    )  # fmt: skip
    assert np.isfinite([figures["test/se"], figures["test/loss"]]).all()


def test_cross_entropy_needs_a_range_with_ends(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"loss=bce .* data\.range is null\. Use .* or data\.range=\[0,1\]"):
        run(tmp_path / "run", "data=wine", "loss=bce", "trainer.max_epochs=1", *NO_PICTURES)
    figures = run(tmp_path / "other", "data=wine", "loss=bce", "data.range=[0,1]", "trainer.max_epochs=1", *NO_PICTURES)
    assert np.isfinite(figures["test/se"])
