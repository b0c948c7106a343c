"""Windows of a file: parted by time, standardised on the first part, views of one series; and every bad file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
import torch
from pyarrow import parquet

from src.data import Series
from src.data.standardise import fitted
from src.errors import UserError
from src.ranges import UNBOUNDED
from tests.conftest import NO_PICTURES, run

ROWS = 500


def series(root: Path, **changes: Any) -> Series:
    data = Series(**{"root": str(root), "length": 20, "stride": 3} | changes)
    data.setup()
    return data


def walk(rows: int = ROWS, columns: int = 2) -> np.ndarray:
    """A slow random walk (rows, columns): later parts have another mean and deviation than the first."""
    return np.random.default_rng(0).normal(size=(rows, columns)).cumsum(0).astype(np.float32)


def text(rows: int = ROWS, names: str = "a,b") -> str:
    return names + "\n" + "\n".join(f"{x!r},{y!r}" for x, y in walk(rows).tolist()) + "\n"


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    """A series whose two columns say in which row they stand."""
    rows = np.arange(ROWS, dtype=np.float32)
    np.save(tmp_path / "counted.npy", np.stack([rows, -rows], axis=1))
    return tmp_path / "counted.npy"


def test_no_window_crosses_a_border(counted: Path) -> None:
    data = series(counted, test_fraction=0.2, val_fraction=0.25)
    borders = ((0, 300), (300, 400), (400, 500))
    for part, (first, last) in zip((data.train_set, data.val_set, data.test_set), borders, strict=True):
        windows = part.stored
        assert windows.shape[1:] == (2, 20)
        assert torch.equal(windows[:, 0], -windows[:, 1])
        assert windows[:, 0].diff(dim=1).unique().tolist() == [1.0]
        starts = windows[:, 0, 0].int().tolist()
        assert starts == list(range(first, last - 19, 3))


def test_windows_are_views_of_one_series(counted: Path, tmp_path: Path) -> None:
    np.savetxt(tmp_path / "table.csv", walk(), delimiter=",", header="a,b", comments="")
    for file in (counted, tmp_path / "table.csv"):
        data = series(file, stride=1)
        stores = {s.values.untyped_storage().data_ptr() for s in (data.train_set, data.val_set, data.test_set)}
        assert len(stores) == 1
        stored = ROWS * 2 * data.train_set.values.element_size()
        assert data.train_set.values.untyped_storage().nbytes() <= stored + 256  # and the head of a mapped file
        assert data.train_set.values.numel() > 13 * ROWS * 2


def test_a_batch_takes_the_memory_of_a_batch() -> None:
    long = torch.randn(200_000, 4)
    windows = long.unfold(0, 1000, 1)  # 3.2 GB, were it copied
    with torch.profiler.profile(profile_memory=True) as profile:
        batch = windows.index_select(0, torch.tensor([5, 199_000, 7]))
    assert torch.equal(batch[1], long[199_000:].T)
    assert sum(max(event.cpu_memory_usage, 0) for event in profile.events() or []) < 10 * batch.numel() * 4


def test_channels_are_standardised_on_the_training_part_alone(tmp_path: Path) -> None:
    values = walk() * [1, 100] + [0, 1e4]
    np.save(tmp_path / "x.npy", values)
    data = series(tmp_path / "x.npy", length=1, stride=1)
    x = [s.__getitems__(range(len(s))).x[:, :, 0] for s in (data.train_set, data.val_set, data.test_set)]
    torch.testing.assert_close(x[0].mean(0), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(x[0].std(0, correction=0), torch.ones(2), atol=1e-5, rtol=0)
    train = values[:360]
    torch.testing.assert_close(
        torch.cat(x).double(), torch.from_numpy((values - train.mean(0)) / train.std(0)), atol=1e-3, rtol=1e-4
    )
    values[360:] += 77  # what comes later changes nothing before it
    np.save(tmp_path / "y.npy", values)
    later = series(tmp_path / "y.npy", length=1, stride=1).train_set
    assert torch.equal(later.__getitems__(range(360)).x[:, :, 0], x[0])


def test_what_is_fitted_to_pieces_is_that_of_the_whole() -> None:
    values = torch.randn(1000, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 5.0, 20.0]) + 1000
    shift, scale = fitted(values.split([1, 499, 300, 200]), 1, UNBOUNDED, "abc")
    torch.testing.assert_close(shift, values.double().mean(0)[:, None], rtol=1e-6, atol=0)
    torch.testing.assert_close(scale, values.double().std(0, correction=0)[:, None], rtol=1e-6, atol=0)
    pictures = values.view(10, 1, 100, 3)  # channels along the last axis
    torch.testing.assert_close(fitted(pictures.split(4), 3, UNBOUNDED, "abc").scale, scale, rtol=1e-5, atol=0)


def test_a_range_with_ends_takes_the_lowest_and_highest_of_training(counted: Path) -> None:
    data = series(counted, range=[-1, 1], length=1, stride=1)
    train, test = (s.__getitems__(range(len(s))).x[:, :, 0] for s in (data.train_set, data.test_set))
    torch.testing.assert_close(train[:, 0], torch.linspace(-1, 1, 360))
    torch.testing.assert_close(train[:, 1], torch.linspace(1, -1, 360))
    assert test[:, 0].min() > 1  # what comes later may lie beyond
    made = Series(range=[0, 1], n_train=50)
    made.setup()
    x = made.train_set.__getitems__(range(50)).x
    assert (x.min().item(), x.max().item()) == pytest.approx((0, 1))


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet", ".npy", ".CSV"])
def test_all_kinds_of_files_hold_the_same_series(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"x{ending}"
    if ending == ".npy":
        np.save(file, walk())
    elif ending == ".parquet":
        parquet.write_table(pyarrow.table({"a": walk()[:, 0], "b": walk()[:, 1]}), file)
    else:
        file.write_text(text().replace(",", "\t" if ending == ".tsv" else ","))
    data = series(file, length=40, stride=ROWS)
    assert torch.equal(data.train_set.stored[0].float(), torch.from_numpy(walk()[:40].T.copy()))
    assert data.channel_names == (("0", "1") if ending == ".npy" else ("a", "b"))


@pytest.mark.parametrize("dtype", ["f2", "f8", ">f4", "i2", "u2", "u8", "?", "F-order"])
def test_arrays_of_any_type_give_the_same_windows(tmp_path: Path, dtype: str) -> None:
    values = np.random.default_rng(0).integers(0, 2 if dtype == "?" else 200, (ROWS, 3))
    np.save(tmp_path / "x.npy", np.asfortranarray(values) if dtype == "F-order" else values.astype(dtype))
    x = series(tmp_path / "x.npy").train_set.__getitems__([0, 5]).x
    train = torch.from_numpy(values[:360]).double()
    expected = (train - train.mean(0)) / train.std(0, correction=0)
    torch.testing.assert_close(x[1].double(), expected[15:35].T, atol=1e-5, rtol=1e-5)


def test_a_small_change_of_a_large_number_is_kept(tmp_path: Path) -> None:
    values = 1.7e9 + walk()[:, 0].astype(np.float64)  # 32 bits know it to 128 only
    np.save(tmp_path / "x.npy", values)
    (tmp_path / "x.csv").write_text("a\n" + "\n".join(f"{x:.6f}" for x in values))
    expected = torch.from_numpy((values[:20] - values[:360].mean()) / values[:360].std()).float()
    for name in ("x.npy", "x.csv"):
        torch.testing.assert_close(series(tmp_path / name).train_set[0].x[0], expected, atol=1e-4, rtol=0)


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text(names="a, b").replace("\n", ",word\n").replace("word", "c", 1))
    data = series(tmp_path / "x.csv", columns=["b"])
    assert data.train_set.shape == (1, 20)
    assert torch.equal(data.train_set.stored[0, 0].float(), torch.from_numpy(walk()[:20, 1]))


def test_a_file_without_names_loses_no_row(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text().split("\n", 1)[1])
    data = series(tmp_path / "x.csv")
    assert torch.equal(data.train_set.stored[0].float(), torch.from_numpy(walk()[:20].T.copy()))


def test_text_is_read_as_it_is_told_to_be(tmp_path: Path) -> None:
    rows = [f"{x!r}|{'?' if i == 7 else i}" for i, x in enumerate(walk()[:, 0].tolist())]
    (tmp_path / "x.csv").write_text("a|b\n" + "\n".join(rows).replace(".", ","))
    data = series(tmp_path / "x.csv", decimal="comma", missing_texts=["?"], missing="interpolate")
    assert torch.equal(data.train_set.stored[0, 0].float(), torch.from_numpy(walk()[:20, 0].copy()))
    assert data.train_set.stored[0, 1].tolist() == list(range(20))


def test_time_stamps_are_left_out_and_named(tmp_path: Path) -> None:
    stamped = [f"2020-01-01 {i // 60:02d}:{i % 60:02d}:00,{x}" for i, x in enumerate(walk()[:, 0])]
    (tmp_path / "x.csv").write_text("when,x\n" + "\n".join(stamped))
    with pytest.warns(UserWarning, match="dates and times are left out: 'when'"):
        assert series(tmp_path / "x.csv").channel_names == ("x",)


def test_a_column_that_never_changes_is_counted(tmp_path: Path) -> None:
    values = walk(columns=3)
    values[:, 1] = 0.1
    np.save(tmp_path / "x.npy", values)
    with pytest.warns(UserWarning, match=r"1 of 3 are constant in training \('1'\)"):
        x = series(tmp_path / "x.npy").train_set.__getitems__([0, 1]).x
    assert x[:, 1].unique().tolist() == [0.0]


def test_gaps_are_bridged_within_each_part(tmp_path: Path) -> None:
    values = np.arange(ROWS, dtype=np.float32)
    values[[10, 11, 50]] = np.nan, np.inf, -np.inf
    values[355:365] = np.nan  # over the border at 360
    values = values.astype(np.float64)
    values[70] = 1e300  # more than 32 bits hold
    np.save(tmp_path / "x.npy", values)
    data = series(tmp_path / "x.npy", missing="interpolate", length=1, stride=1)
    whole = torch.cat([s.stored.flatten() for s in (data.train_set, data.val_set, data.test_set)])
    expected = torch.arange(ROWS).float()
    expected[355:360], expected[360:365] = 354, 365
    torch.testing.assert_close(whole.float(), expected)
    assert np.isnan(np.load(tmp_path / "x.npy")[10])  # the file is as it was


def save(values: Any, **options: Any) -> Callable[[Path], None]:
    return lambda file: np.save(file.with_suffix(".npy"), values, **options)


def write(contents: str | bytes, ending: str = ".csv") -> Callable[[Path], None]:
    as_bytes = contents.encode() if isinstance(contents, str) else contents
    return lambda file: (file.with_suffix(ending).write_bytes(as_bytes), None)[1]


def cut_short(file: Path) -> None:
    np.save(file.with_suffix(".npy"), walk())
    whole = file.with_suffix(".npy").read_bytes()
    file.with_suffix(".npy").write_bytes(whole[:-100])


def spoilt_head(file: Path) -> None:
    np.save(file.with_suffix(".npy"), walk())
    whole = file.with_suffix(".npy").read_bytes()
    file.with_suffix(".npy").write_bytes(whole.replace(b"'shape': (", b"'shape':  "))


def gaps(place: int) -> np.ndarray:
    values = walk()
    values[place:, 1] = np.nan
    return values


NO_NUMBER = text(30).replace("\n", "\nabc,1\n", 3)
TIMES = "t\n" + "\n".join(f"2020-01-01 00:{i:02d}:00" for i in range(60))


@pytest.mark.parametrize(
    ("spoil", "dials", "sentence"),
    [
        (lambda file: None, {}, r"x\.csv does not exist"),
        (lambda file: file.mkdir(), {}, r"x\.csv is a folder; a series is one file"),
        (write("1,2", ".txt"), {}, r"x\.txt is no \.csv, \.tsv or \.parquet file"),
        (write(""), {}, r"cannot be read as a \.csv table \(Empty CSV file\)"),
        (write(bytes(range(256)) * 20), {}, r"x\.csv cannot be read as a \.csv table"),
        (write("größe,b\n1,2\n".encode("latin-1")), {}, r"x\.csv is not UTF-8 text; save it as UTF-8"),
        (write(text() + "1\n"), {}, r"cannot be read as a \.csv table \(CSV parse error: .*Expected 2 columns, got 1"),
        (write("a,b\n"), {}, r"has no rows, only a line of names"),
        (write(text(names="a,a")), {}, r"more than one column called 'a'"),
        (write(text()), {"columns": ["a", "z"]}, r"has no column 'z'; its columns are 'a', 'b'"),
        (write(NO_NUMBER), {}, r"column 'a' has what is no number, 'abc' in row 1; .*missing_texts"),
        (write("a,b\n" + ",1\n" * ROWS), {}, r"column 'a' has no values at all"),
        (write(TIMES), {}, r"'t' holds dates or times, which are no measurements"),
        (write(TIMES), {"columns": ["t"]}, r"'t' holds dates or times"),
        (write(text(100)), {}, r"100 rows, by time 72 to train on, 8 to validate .* type data\.length=8 or less\."),
        (write("a\n1\n2\n"), {}, r"has 2 rows, .*; take a longer one"),
        (write(text()), {"columns": []}, r"data\.columns=\[\] leaves no column; name some of 'a', 'b'"),
        (write(text()), {"delimiter": "::"}, r"data\.delimiter=:: .* one character"),
        (write(text().replace(",", ";").replace(".", ",")), {}, r"column 'a' has .*Then type data\.decimal=comma"),
        (write(text()), {"val_fraction": 0.999}, r"by time 0 to train on, .* or smaller data\.val_fraction"),
        (save(np.full(400, 1e200)), {}, r"has 400 values .* \(or beyond 3\.4e\+38\), the first in row 1"),
        (write("no parquet", ".parquet"), {}, r"cannot be read as a \.parquet table"),
        (save(walk(3, 900)), {}, r"has 3 rows.* If time runs along its 900 columns, turn it"),
        (save(gaps(490)), {}, r"has 10 values that are missing .* or infinite .*, the first in row 491 of column '1'"),
        (save(np.where(walk() > 1e9, 0, np.inf)), {}, r"has 1,000 values that are missing .*data\.missing=interpolate"),
        (save(gaps(300)), {"missing": "interpolate"}, r"column '1' has no value in rows 361 to 400"),
        (save(walk()), {"columns": ["a"]}, r"data\.columns names columns, and .*x\.npy has no names"),
        (save(np.array([1, "a"], object), allow_pickle=True), {}, r"holds Python objects, which are never"),
        (save(np.zeros((50, 2, 2))), {}, r"shape \[50, 2, 2\] and type float64; a series has numbers of shape \[T\]"),
        (save(np.zeros((0, 2))), {}, r"shape \[0, 2\]"),
        (save(np.zeros(50, complex)), {}, r"type complex128"),
        (save(np.array(["a", "b"])), {}, r"type <U1"),
        (cut_short, {}, r"cannot be read as an \.npy array \(mmap length is greater than file size\)"),
        (write("no array", ".npy"), {}, r"cannot be read as an \.npy array"),
        (spoilt_head, {}, r"cannot be read as an \.npy array \(.*EOF in multi-line statement"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_one_sentence(
    tmp_path: Path, spoil: Callable[[Path], None], dials: dict[str, Any], sentence: str
) -> None:
    spoil(tmp_path / "x.csv")
    before = sorted(tmp_path.iterdir())
    root = before[0] if before else tmp_path / "x.csv"
    with pytest.raises(UserError, match=sentence) as refusal:
        series(root, **dials)
    assert str(root) in str(refusal.value) or "data." in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert sorted(tmp_path.iterdir()) == before


def test_a_column_that_is_named_twice_is_taken_once(tmp_path: Path) -> None:
    write(text(400))(tmp_path / "x.csv")
    assert series(tmp_path / "x.csv", columns=["b", "a", "b"]).channel_names == ("b", "a")


def test_a_series_that_overflows_when_squared_is_standardised(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.float32(1e38) * np.float32([1, -1] * 500))
    x = next(series(tmp_path / "x.npy").train_set.batches(4)).x
    torch.testing.assert_close(x.abs(), torch.ones_like(x))


def test_columns_want_a_file() -> None:
    with pytest.raises(UserError, match=r"data\.columns names columns of a file; add data\.root=<file>"):
        Series(columns=["a"])


@pytest.mark.parametrize("network", ["mlp", "conv1d"])
def test_a_file_trains(tmp_path: Path, network: str) -> None:
    (tmp_path / "x.csv").write_text(text(2000))
    root = f"data.root={tmp_path / 'x.csv'}"
    summary = run(
        tmp_path / "run", "data=series", root, f"network={network}", "trainer.max_epochs=1", "model.latent_dim=4",
        *NO_PICTURES,
    )  # fmt: skip
    assert summary["status"] == "finished"
    assert np.isfinite(summary["test/se"])
    assert summary["baseline/pca_components"] == 4


def test_a_denoiser_trains_on_what_is_made(tmp_path: Path) -> None:
    small = [f"data.n_{part}=200" for part in ("train", "val", "test")]
    summary = run(
        tmp_path / "run", "model=denoising", "data=series", "network=conv1d", "corruption=gaussian",
        "trainer.max_epochs=1", *small, *NO_PICTURES,
    )  # fmt: skip
    assert summary["status"] == "finished"
    assert np.isfinite(summary["test/denoised_se"])
    assert summary["test/noisy_mse"] == pytest.approx(0.25**2, rel=0.02)  # nothing was clipped
