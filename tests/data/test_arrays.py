"""The user's own arrays: what they are told to be, how their values are scaled, and what is refused."""

import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import Tensor

from src.data import Arrays, ExampleSet
from src.data.arrays.array_names import sorted_out
from src.data.arrays.layouts import Layout, laid_out
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


def arrays(root: Path, **dials: Any) -> Arrays:
    data = Arrays(root=str(root), **dials)
    data.setup()
    return data


def sets_of(data: Arrays) -> list[ExampleSet]:
    return [data.train_set, data.val_set, data.test_set]


def x_of(examples: ExampleSet) -> Tensor:
    return examples.__getitems__(range(len(examples))).x


def saved(path: Path, x: Any) -> Path:
    np.save(path, x, allow_pickle=True)
    return path


# --- what is what


def test_an_npy_file_of_bytes_is_grey_pictures(tmp_path: Path, rng: np.random.Generator) -> None:
    pixels = rng.integers(0, 256, (50, 6, 5), dtype=np.uint8)
    data = arrays(saved(tmp_path / "x.npy", pixels), range=[-1, 1])
    assert data.told() == {"shape": [1, 6, 5], "classes": 0}
    assert [len(s) for s in sets_of(data)] == [36, 4, 10]
    assert all(s.values is data.train_set.values for s in sets_of(data))  # a split copies nothing
    rows = torch.cat([s.rows for s in sets_of(data) if s.rows is not None])
    assert torch.equal(rows.sort().values, torch.arange(50))
    expected = torch.from_numpy(pixels[rows])[:, None].float() / 255 * 2 - 1
    torch.testing.assert_close(torch.cat([x_of(s) for s in sets_of(data)]), expected)
    assert all((s.labels == -1).all() for s in sets_of(data))


def test_the_parts_of_keras_stay_as_they_are_and_validation_is_cut_from_training(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    x, y = rng.integers(0, 256, (60, 4, 4), dtype=np.uint8), np.repeat([3, 5, 9], 20)
    np.savez(tmp_path / "k.npz", x_train=x[::2], y_train=y[::2], x_test=x[1::2], y_test=y[1::2])
    data = arrays(tmp_path / "k.npz", val_fraction=0.2)
    assert torch.equal(data.test_set.stored[:, 0], torch.from_numpy(x[1::2]))
    assert data.class_names == ("3", "5", "9")
    assert data.test_set.labels.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert torch.bincount(data.val_set.labels).tolist() == [2, 2, 2]
    assert len(data.train_set) == 24


def test_three_parts_with_columns_of_labels_are_taken_whole(tmp_path: Path, rng: np.random.Generator) -> None:
    sizes = {"train": 12, "val": 7, "test": 5}
    found = {f"{part}_images": rng.integers(0, 256, (n, 8, 8, 3), dtype=np.uint8) for part, n in sizes.items()}
    found |= {f"{part}_labels": np.arange(n)[:, None] % 2 for part, n in sizes.items()}
    np.savez(tmp_path / "m.npz", **found)
    data = arrays(tmp_path / "m.npz")
    assert [len(s) for s in sets_of(data)] == [12, 7, 5]
    assert data.shape == (3, 8, 8)
    assert torch.equal(data.val_set.stored, torch.from_numpy(found["val_images"]).permute(0, 3, 1, 2))
    assert data.val_set.labels.tolist() == [0, 1, 0, 1, 0, 1, 0]


def test_a_folder_of_npy_files_is_what_an_npz_file_unpacks_to(tmp_path: Path, rng: np.random.Generator) -> None:
    np.savez(tmp_path / "a.npz", data=rng.random((20, 3)), target=np.arange(20) % 2)
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        archive.extractall(tmp_path / "a")
    packed, unpacked = arrays(tmp_path / "a.npz"), arrays(tmp_path / "a")
    assert packed.told() == unpacked.told() == {"shape": [3], "classes": 2}
    assert torch.equal(x_of(packed.train_set), x_of(unpacked.train_set))
    assert torch.equal(packed.train_set.labels, unpacked.train_set.labels)


def test_tensors_come_from_a_pt_file_alone_or_by_name(tmp_path: Path) -> None:
    x, y = torch.rand(20, 2, 16), torch.arange(20) % 4 + 1
    torch.save(x, tmp_path / "one.pt")
    torch.save({"x": x.bfloat16(), "y": y}, tmp_path / "two.pt")
    assert arrays(tmp_path / "one.pt", layout="series").told() == {"shape": [2, 16], "classes": 0}
    data = arrays(tmp_path / "two.pt", layout="series")
    assert data.class_names == ("1", "2", "3", "4")
    assert torch.equal(x_of(data.test_set), x[data.test_set.rows].bfloat16().float())


def test_labels_of_a_file_of_their_own_may_be_text(tmp_path: Path, rng: np.random.Generator) -> None:
    saved(tmp_path / "x.npy", rng.random((30, 4)))
    kinds = np.array(["cat", "ant", "bee"])[np.arange(30) % 3]
    data = arrays(tmp_path / "x.npy", labels=str(saved(tmp_path / "kinds.npy", kinds)))
    assert data.class_names == ("ant", "bee", "cat")
    assert [data.class_names[k] for k in data.train_set.labels] == kinds[data.train_set.rows].tolist()


def test_names_that_say_nothing_can_be_told(tmp_path: Path, rng: np.random.Generator) -> None:
    np.savez(tmp_path / "a.npz", rng.random((20, 3)), np.arange(20) % 2 - 5)
    data = arrays(tmp_path / "a.npz", values="arr_0", labels="arr_1")
    assert data.class_names == ("-5", "-4")
    assert arrays(tmp_path / "a.npz", values="arr_0", labels=None).class_names is None


@pytest.mark.parametrize(
    ("names", "values", "labels"),
    [
        (["x"], {"train": "x"}, {}),
        (["blobs"], {"train": "blobs"}, {}),
        (["X", "y"], {"train": "X"}, {"train": "y"}),
        (["imgs", "latents_values", "metadata"], {"train": "imgs"}, {}),
        (["train", "test"], {"train": "train", "test": "test"}, {}),
        (["trainX", "x_train", "validation_data"], {"train": "x_train", "val": "validation_data"}, {}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, list) else "",
)
def test_arrays_are_told_by_the_words_of_their_names(
    names: list[str], values: dict[str, str], labels: dict[str, str]
) -> None:
    assert sorted_out(names, "here") == (values, labels)


@pytest.mark.parametrize(
    ("layout", "stored", "shape"),
    [
        ("auto", (9, 5), (5,)),
        ("auto", (9, 6, 5), (1, 6, 5)),
        ("auto", (9, 2, 6, 5), (2, 6, 5)),
        ("auto", (9, 3, 6, 5), (3, 6, 5)),
        ("auto", (9, 6, 5, 3), (3, 6, 5)),
        ("auto", (9, 6, 5, 1), (1, 6, 5)),
        ("auto", (9, 3, 5, 3), (3, 5, 3)),
        ("features", (9, 6, 5), (30,)),
        ("features", (9, 2, 3, 4, 5), (120,)),
        ("series", (9, 6), (1, 6)),
        ("series", (9, 6, 5), (6, 5)),
        ("series_last", (9, 6, 5), (5, 6)),
        ("images", (9, 6, 5, 3), (6, 5, 3)),
        ("images_last", (9, 6, 5, 7), (7, 6, 5)),
    ],
)
def test_axes_mean_what_the_layout_says(layout: Layout, stored: tuple[int, ...], shape: tuple[int, ...]) -> None:
    values = torch.rand(stored)
    found = laid_out(values, layout, "x")
    assert found.shape == (9, *shape)
    assert found.data_ptr() == values.data_ptr()  # a view


# --- scaling


@pytest.mark.parametrize("parts", [1, 7])
def test_standard_values_are_scikit_learns_of_the_training_rows_alone(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    x = rng.normal(1e9, [1, 10, 0.01], (200, 3))  # more digits than float32 has
    monkeypatch.setattr("src.data.arrays.finite.NUMBERS_AT_ONCE", 600 // parts)
    data = arrays(saved(tmp_path / "x.npy", x), range=None)
    own = StandardScaler().fit(x[data.train_set.rows])
    for s in sets_of(data):
        np.testing.assert_allclose(x_of(s), own.transform(x[s.rows]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("ends", [(0, 1), (-1, 1)])
def test_minmax_values_are_scikit_learns_of_the_training_rows_alone(
    tmp_path: Path, rng: np.random.Generator, ends: tuple[int, int]
) -> None:
    x = rng.normal(5, 3, (60, 4)).astype(np.float32)
    data = arrays(saved(tmp_path / "x.npy", x), range=list(ends))  # auto: they lie neither in [0, 1] nor in the range
    own = MinMaxScaler(ends).fit(x[data.train_set.rows])
    for s in sets_of(data):
        np.testing.assert_allclose(x_of(s), own.transform(x[s.rows]), atol=1e-6)
    assert x_of(data.train_set).min() == pytest.approx(ends[0])
    assert x_of(data.train_set).max() == pytest.approx(ends[1])


@pytest.mark.parametrize("layout", ["images", "series"])
def test_each_channel_is_standardised_by_itself(tmp_path: Path, rng: np.random.Generator, layout: str) -> None:
    x = rng.normal([[[1.0]], [[500.0]]], [[[2.0]], [[90.0]]], (40, 2, 5, 6)).astype(np.float32)
    x = x if layout == "images" else x.reshape(40, 2, 30)
    train = x_of(arrays(saved(tmp_path / "x.npy", x), range=None, layout=layout).train_set)
    others = [axis for axis in range(train.dim()) if axis != 1]
    torch.testing.assert_close(train.mean(others), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(train.std(others, correction=0), torch.ones(2))


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64", "int8", "int16", "int64", "float16", ">f4", ">i2"])
@pytest.mark.parametrize("value_range", [None, [0, 1]], ids=str)
def test_any_real_type_is_scaled_as_its_values_are(
    tmp_path: Path, rng: np.random.Generator, dtype: str, value_range: list[float] | None
) -> None:
    x = rng.integers(0, 120, (40, 3))
    own = (StandardScaler if value_range is None else MinMaxScaler)()
    data = arrays(saved(tmp_path / "x.npy", x.astype(dtype)), range=value_range)
    own.fit(x[data.train_set.rows])
    np.testing.assert_allclose(x_of(data.test_set), own.transform(x[data.test_set.rows]), atol=1e-5)


@pytest.mark.parametrize(
    ("x", "value_range", "expected"),
    [
        (np.array([True, False]), [0, 1], [1, 0]),
        (np.array([1, 0], np.uint8), [-1, 1], [1, -1]),  # black and white, not two nearly black greys
        (np.array([255, 0], np.uint8), [-1, 1], [1, -1]),
        (np.array([0.25, 1.0]), [-1, 1], [-0.5, 1]),
        (np.array([-0.25, 0.5]), [-1, 1], [-0.25, 0.5]),
    ],
)
def test_auto_knows_black_and_white_and_leaves_what_is_in_the_range(
    tmp_path: Path, x: np.ndarray, value_range: list[float], expected: list[float]
) -> None:
    data = arrays(saved(tmp_path / "x.npy", np.tile(x, (10, 3))), range=value_range)
    torch.testing.assert_close(x_of(data.train_set)[0], torch.tensor(expected).float().repeat(3))


def test_none_takes_values_as_they_are(tmp_path: Path, rng: np.random.Generator) -> None:
    x = rng.normal(0, 3, (40, 5)).astype(np.float32)
    for value_range in ([-30, 30], None):
        data = arrays(saved(tmp_path / "x.npy", x), range=value_range, scaling="none")
        np.testing.assert_allclose(x_of(data.train_set), x[data.train_set.rows], atol=1e-5)


@pytest.mark.parametrize("value_range", [None, [-1, 1]], ids=str)
def test_a_constant_feature_stays_at_one_value_and_is_counted(
    tmp_path: Path, rng: np.random.Generator, value_range: list[float] | None
) -> None:
    x = rng.normal(9, 1, (40, 3))
    x[:, 1] = 0.1  # its mean is another number by rounding
    np.savez(tmp_path / "x.npz", x_train=x[:30], x_test=np.vstack([x[30:], [9, 5, 9]]))
    with pytest.warns(UserWarning, match=r"1 of 3 are constant in training \('feature 1'\)"):
        data = arrays(tmp_path / "x.npz", range=value_range)
    for s in sets_of(data):
        assert (x_of(s)[:, 1] == (0 if value_range is None else -1)).all()


# --- large files


def test_a_large_file_is_mapped_and_gives_the_same_examples(tmp_path: Path, rng: np.random.Generator) -> None:
    x = rng.random((300, 10)).astype(np.float32)
    saved(tmp_path / "x.npy", x)
    torch.save({"x": torch.from_numpy(x)}, tmp_path / "x.pt")
    for name in ("x.npy", "x.pt"):
        loaded, mapped = arrays(tmp_path / name), arrays(tmp_path / name, max_memory=1e-6)
        assert not backed_by(loaded, tmp_path / name)
        assert backed_by(mapped, tmp_path / name)
        assert torch.equal(x_of(loaded.train_set), x_of(mapped.train_set))
        before = (tmp_path / name).read_bytes()
        mapped.train_set.values[:] = 0  # copy on write: the file itself stays as it is
        assert (tmp_path / name).read_bytes() == before


def backed_by(data: Arrays, file: Path) -> bool:
    """Whether the values lie in the part of memory that the file is mapped to."""
    place = data.train_set.values.data_ptr()
    for line in Path("/proc/self/maps").read_text().splitlines():
        begin, end = (int(number, 16) for number in line.split()[0].split("-"))
        if begin <= place < end:
            return line.endswith(str(file))
    return False


def test_a_large_npz_file_says_how_to_unpack_it(tmp_path: Path, rng: np.random.Generator) -> None:
    np.savez(tmp_path / "x.npz", x=rng.random((300, 10)))
    with pytest.raises(UserError, match=r"unpack it \(unzip x\.npz -d x\) and type data\.root=.*/x,"):
        arrays(tmp_path / "x.npz", max_memory=1e-6)


# --- bad input

BAD: dict[str, tuple[Any, dict[str, Any], str]] = {
    "NaN": (
        np.array([[1.0, np.nan], [np.inf, 1], [1, 1]]),
        {},
        r"x\.npy: 'x' has 1 NaN and 1 infinite .* first at \[0, 1\]",
    ),
    "too large for float32": (np.full((5, 2), 1e300), {"range": None}, "0 NaN and 10 infinite"),
    "objects": (np.array([[1, "a"], [2, None]], dtype=object), {}, "holds Python objects, .* never are"),
    "ragged": (np.array([[1], [1, 2]], dtype=object), {}, "holds Python objects"),
    "text": (np.array([["a", "b"]] * 5), {}, r"is of type <U1, and examples are real numbers or bool"),
    "complex": (np.ones((5, 2), complex), {}, "is of type complex128"),
    "dates": (np.ones((5, 2), "M8[s]"), {}, r"is of type datetime64\[s\]"),
    "records": (np.ones(5, [("a", int)]), {}, r"is of type \[\('a'"),
    "no examples": (np.ones((0, 4)), {}, r"has the shape \(0, 4\)"),
    "no features": (np.ones((4, 0)), {}, r"has the shape \(4, 0\)"),
    "one axis": (np.ones(100), {}, r"has the shape \(100\).*data=series"),
    "no axis": (np.ones(()), {}, r"has the shape \(\)"),
    "five axes": (np.ones((5, 2, 2, 2, 2)), {}, r"data\.layout=features takes any shape"),
    "not this layout": (np.ones((5, 2)), {"layout": "images"}, r"data\.layout=images is \(N, height, width\) or"),
    "one example": (
        np.ones((1, 4)),
        {},
        "has 1 example to train on, and test and validation must be cut from them; give 3",
    ),
    "two examples": (np.ones((2, 4)), {}, "has 2 examples"),
    "outside of the range": (
        np.full((5, 2), 2.5) * [[-1, 1]],
        {"scaling": "none"},
        r"lie between -2\.5 and 2\.5, outside data\.range=\[0,1\]; type data\.range=\[-2\.5,2\.5\], or data",
    ),
    "standard with ends": (
        np.random.rand(5, 2),
        {"scaling": "standard"},
        r"standard leaves values without ends; type data\.range=null",
    ),
    "minmax without": (
        np.random.rand(5, 2),
        {"scaling": "minmax", "range": None},
        r"has none; type data\.scaling=standard",
    ),
    "no such name": (np.random.rand(5, 2), {"values": "z"}, r"data\.values=z, but .*x\.npy has 'x'"),
    "no such label": (np.random.rand(5, 2), {"labels": "z"}, r"data\.labels=z, but .*x\.npy has 'x'"),
    "no label file": (np.random.rand(5, 2), {"labels": "nowhere/y.npy"}, r"data\.labels=nowhere/y\.npy does not exist"),
    "another shape": (np.random.rand(5, 2), {"shape": [3]}, r"data\.shape=\[3\], but the train .* are \[2\]"),
    "other classes": (np.random.rand(5, 2), {"classes": 3}, r"data\.classes=3, but Arrays has 0"),
    "a range that ends nowhere": (np.random.rand(5, 2), {"range": [0, np.inf]}, r"\[0,inf\] is no range .*=null"),
    "a range of no numbers": (np.random.rand(5, 2), {"range": [np.nan, 1]}, r"data\.range=\[nan,1\] is no range"),
    "a range too wide": (np.random.rand(5, 2), {"range": [-3e38, 3e38]}, "is no range that float32 holds"),
    "all for validation": (np.random.rand(9, 2), {"val_fraction": 0.97}, r"val_fraction=0\.97 leaves none of the 9 ex"),
    "all for the test": (np.random.rand(9, 2), {"test_fraction": 0.97}, r"test_fraction=0\.97 leaves none of the 9"),
    "all for both": (
        np.random.rand(40, 2),
        {"test_fraction": 0.97, "val_fraction": 0.97},
        r"data\.val_fraction=0\.97 leaves none of the 40 examples to train on; type less",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_values_are_refused_in_a_sentence(tmp_path: Path, snapshot: Snapshot, name: str) -> None:
    x, dials, words = BAD[name]
    saved(tmp_path / "x.npy", x)
    before = snapshot()
    with pytest.raises(UserError, match=words) as error:
        arrays(tmp_path / "x.npy", **dials)
    assert "\n" not in str(error.value)
    assert snapshot() == before


EVEN = np.arange(6) % 2
FEW = np.ones((6, 2)) * np.arange(6)[:, None]
LABELS: dict[str, tuple[Any, str]] = {
    "too few": (EVEN[:4], r"has 4 labels for the 6 examples of 'x'"),
    "fractions": (np.array([0, 1, 0.5, 1, 0, 1]), r"no classes but numbers such as \[0\.5\]; type data\.labels=null"),
    "NaN": (np.array([0, 1, np.nan, 1, 0, 1]), r"such as \[nan\]"),
    "infinite": (np.array([0, 1, np.inf, 1, 0, 1]), "no classes"),
    "rows of zeros and a one": (np.eye(6), r"labels\.argmax\(1\)"),
    "complex": (np.ones(6, complex), "of type complex128"),
    "objects": (np.array([None, "a"] * 3, dtype=object), "holds Python objects"),
}


@pytest.mark.parametrize("name", LABELS)
def test_bad_labels_are_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    y, words = LABELS[name]
    np.savez(tmp_path / "x.npz", x=FEW, y=y)
    with pytest.raises(UserError, match=words) as error:
        arrays(tmp_path / "x.npz")
    assert "\n" not in str(error.value)


TENSORS: dict[str, tuple[Any, str]] = {
    "eight bits": (torch.ones(6, 2).to(torch.float8_e5m2), r"is of type torch\.float8_e5m2, and examples are real"),
    "complex": (torch.ones(6, 2) + 1j, r"is of type torch\.complex64"),
    "sparse": (torch.eye(6).to_sparse(), r"is a sparse or quantised tensor; save x\.to_dense\(\)"),
    "without values": (torch.empty(6, 2, device="meta"), "is a tensor without values, on the device meta"),
    "a list": ([torch.ones(6, 2)], r"is no tensor and no dict of tensors"),
    "nothing": ({}, r"x\.pt has no arrays in it"),
}


@pytest.mark.parametrize("name", TENSORS)
@pytest.mark.filterwarnings("ignore:Validating sparse tensor invariants")
def test_bad_tensors_are_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    stored, words = TENSORS[name]
    torch.save(stored, tmp_path / "x.pt")
    with pytest.raises(UserError, match=words) as error:
        arrays(tmp_path / "x.pt")
    assert "\n" not in str(error.value)


def test_labels_may_be_tensors_of_a_type_that_numpy_lacks(tmp_path: Path) -> None:
    torch.save({"x": torch.from_numpy(FEW), "y": torch.from_numpy(EVEN).bfloat16()}, tmp_path / "x.pt")
    assert arrays(tmp_path / "x.pt").class_names == ("0", "1")


def test_values_whose_squares_overflow_are_standardised(tmp_path: Path) -> None:
    """float32 holds 1e38, and not its square: the feature would come to 0, and nothing be said."""
    data = arrays(saved(tmp_path / "x.npy", np.float32(1e38) * np.float32([[1], [-1]] * 20)), range=None)
    x = x_of(data.train_set)
    torch.testing.assert_close(torch.stack([x.mean(), x.std(correction=0)]), torch.tensor([0.0, 1.0]))


def test_a_class_with_one_example_is_counted(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=FEW, y=[7, 7, 7, 9, 7, 7])
    with pytest.warns(UserWarning, match=r"1 of 2 classes have a single example \('9'\)"):
        assert arrays(tmp_path / "x.npz").class_names == ("7", "9")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"a": FEW, "b": FEW}, r"has 'a', 'b', none of which is called x.*type data\.values=a"),
        ({"x": FEW, "data": FEW}, r"has both 'data' and 'x'; type data\.values=x"),
        ({"x_test": FEW, "y_test": EVEN}, r"none of which is called x, data, images or x_train"),
        ({"x": FEW, "y": EVEN, "y_test": EVEN}, r"the labels 'y_test', but no examples"),
        ({"x_train": FEW, "x_test": np.ones((6, 3))}, r"the test .* are \[3\], but those to train on are \[2\]; make"),
        ({}, r"x\.npz has no arrays in it; save it by np\.savez"),
        ({"x_train": FEW, "y_train": EVEN, "x_test": FEW, "y_test": ["a"] * 6}, "are not alike: numbers and text"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(
    tmp_path: Path, found: dict[str, np.ndarray], words: str
) -> None:
    np.savez(tmp_path / "x.npz", **found)
    with pytest.raises(UserError, match=words):
        arrays(tmp_path / "x.npz")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_web_page(path: Path) -> None:
    path.write_bytes(b"<!DOCTYPE html><html></html>")


def lying_header(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"(6, 2), }" + b" " * 12, b"(6000000000000, 2), }"))


SPOILT = [(name, spoil) for name in ("x.npy", "x.npz", "x.pt") for spoil in (cut_short, emptied, a_web_page)]
SPOILT.append(("x.npy", lying_header))  # the others do not begin with a shape in plain text


@pytest.mark.parametrize(("name", "spoil"), SPOILT, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("max_memory", [2.0, 1e-9], ids=["loaded", "mapped"])
def test_a_spoilt_file_is_named(
    tmp_path: Path, snapshot: Snapshot, spoil: Callable[[Path], None], name: str, max_memory: float
) -> None:
    saved(tmp_path / "x.npy", FEW)
    np.savez(tmp_path / "x.npz", x=FEW)
    torch.save({"x": torch.from_numpy(FEW)}, tmp_path / "x.pt")
    spoil(tmp_path / name)
    before = snapshot()
    with pytest.raises(
        UserError, match=rf"{name}.*(is cut short or no|holds more than tensors|holds Python|not fit into memory)"
    ) as error:
        arrays(tmp_path / name, max_memory=max_memory)
    assert "\n" not in str(error.value)
    assert snapshot() == before


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> Any:
        import os

        return os.mkdir, ("ran",)


def test_nothing_is_ever_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    objects = np.empty(3, object)
    objects[0] = Evil()
    np.save(tmp_path / "x.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "x.npz", x=objects)
    torch.save({"x": Evil()}, tmp_path / "x.pt")
    torch.save(Evil(), tmp_path / "y.pt")
    for name in ("x.npy", "x.npz", "x.pt", "y.pt"):
        for max_memory in (2.0, 1e-9):
            with pytest.raises(UserError):
                arrays(tmp_path / name, max_memory=max_memory)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, r"data=arrays needs a file: type data\.root=my\.npz"),
        ("nowhere.npy", r"nowhere\.npy does not exist"),
        ("empty", r"no \.npy files in this folder"),
        ("table.csv", r"or type data=csv data\.root=.*table\.csv"),
        ("list.pt", r"is no tensor and no dict of tensors; save it by torch\.save"),
        ("sparse.pt", r"sparse or quantised"),
        ("complex.pt", r"is of type torch\.complex64"),
        ("archive.npy", r"is an \.npz archive and no \.npy file"),
        ("array.npz", r"is cut short or no \.npz file"),
    ],
)
def test_a_file_that_is_none_of_these_says_what_to_type(tmp_path: Path, name: str | None, words: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    torch.save([torch.ones(5, 2)], tmp_path / "list.pt")
    torch.save(torch.eye(5).to_sparse(), tmp_path / "sparse.pt")
    torch.save(torch.ones(5, 2, dtype=torch.complex64), tmp_path / "complex.pt")
    np.savez(tmp_path / "archive.npz", x=FEW)
    (tmp_path / "archive.npz").rename(tmp_path / "archive.npy")
    saved(tmp_path / "array.npy", FEW)
    (tmp_path / "array.npy").rename(tmp_path / "array.npz")
    data = Arrays(root=name and str(tmp_path / name))
    with pytest.raises(UserError, match=words):
        data.setup()


# --- through the program


def test_a_run_of_series_reads_what_the_data_tell(tmp_path: Path, rng: np.random.Generator) -> None:
    np.savez(tmp_path / "s.npz", x=rng.normal(3, 2, (60, 2, 20)), y=np.arange(60) % 3)
    figures = run(
        tmp_path / "run", "data=arrays", f"data.root={tmp_path / 's.npz'}", "data.layout=series", "data.range=null",
        "network=conv1d", "trainer.max_epochs=1", *NO_PICTURES,
    )  # fmt: skip
    assert np.isfinite([figures["test/se"], figures["baseline/pca_se"]]).all()
    assert "test/psnr" not in figures


def test_a_run_of_mapped_pictures(tmp_path: Path, rng: np.random.Generator) -> None:
    saved(tmp_path / "x.npy", rng.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8))
    figures = run(
        tmp_path / "run", "data=arrays", f"data.root={tmp_path / 'x.npy'}", "data.max_memory=1e-6",
        "model=convolutional", "trainer.max_epochs=1", *NO_PICTURES,
    )  # fmt: skip
    assert np.isfinite([figures["test/se"], figures["test/psnr"]]).all()
