"""The user's own pictures: from files to batches, what is kept, and everything that may be wrong with them."""

import json
import multiprocessing
import os
import shutil
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from src.data import ImageFolder, watched
from src.data.pictures import decoding, picture_cache
from src.data.pictures.reader import PictureReader
from src.errors import UserError
from tests.conftest import NO_PICTURES, run
from tests.data.picture_folder import mixed_folder, save, scene

SIZE = 16


def folder(root: Path, **changes: Any) -> ImageFolder:
    data = ImageFolder(**{"root": str(root), "image_size": SIZE, "workers": 2} | changes)
    data.setup()
    return data


def everything(data: ImageFolder) -> torch.Tensor:
    """The values of all three sets, in the order of the files."""
    sets = (data.train_set, data.val_set, data.test_set)
    rows = torch.cat([s.rows for s in sets if s.rows is not None])
    return torch.cat([s.stored for s in sets])[rows.argsort()]


def shades(root: Path, names: str, shade: int = 10) -> Path:
    """One-coloured pictures, each lighter than the one before."""
    for i, name in enumerate(names.split()):
        save(root / name, Image.new("RGB", (20, 20), (shade * (i + 1),) * 3))
    return root


def kept(root: Path) -> list[Path]:
    """The files of the cache."""
    return sorted((root / ".hourglass").glob("*")) if (root / ".hourglass").exists() else []


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which files were decoded."""
    seen: list[Path] = []
    read = PictureReader.__call__

    def counting(self: PictureReader, path: Path) -> Any:
        seen.append(path)
        return read(self, path)

    monkeypatch.setattr(PictureReader, "__call__", counting)
    return seen


pytestmark = pytest.mark.filterwarnings("error")
"""Each warning is a thing to expect."""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 pictures of all kinds in three classes."""
    return mixed_folder(tmp_path_factory.mktemp("mixed"), 60)


def test_a_mixed_folder_of_2000_pictures_trains_an_epoch(tmp_path: Path) -> None:
    root = mixed_folder(tmp_path / "my pictures (1)", 2000)
    typed = ["data=image_folder", f'data.root="{root}"', "model=convolutional", "trainer.max_epochs=1", *NO_PICTURES]
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # Lightning has its own
        summary = run(tmp_path / "run", *typed)
    assert summary["status"] == "finished"
    assert summary["data/name"] == "ImageFolder"
    assert 0 < summary["test/mse"] < 1
    assert len(kept(root)) == 2


def test_pictures_become_three_sets_with_their_classes(mixed: Path, tmp_path: Path) -> None:
    data = folder(mixed, cache=str(tmp_path / "cache"))
    sets = (data.train_set, data.val_set, data.test_set)
    assert [len(s) for s in sets] == [49, 5, 6]
    assert data.told() == {"shape": [3, SIZE, SIZE], "classes": 3}
    assert data.class_names == ("class_0", "class_1", "class_2")
    assert [torch.bincount(s.labels).tolist() for s in sets][2] == [2, 2, 2]
    files = sorted(path for path in mixed.rglob("*") if path.is_file())
    read = PictureReader(SIZE, 3, "crop", "white")
    assert torch.equal(everything(data), torch.stack([torch.from_numpy(read(file)) for file in files]))
    x = next(iter(data.val_set.batches(5))).x
    assert x.dtype == torch.float32
    assert 0 <= x.min() < 0.5 < x.max() <= 1


def test_the_split_follows_from_its_seed(mixed: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    first, again, other = (folder(mixed, cache=cache, split_seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first.test_set.stored, again.test_set.stored)
    assert not torch.equal(first.test_set.stored, other.test_set.stored)


def test_folders_make_the_split_and_validation_is_cut_from_train(tmp_path: Path) -> None:
    names = " ".join(f"train/{'xy'[i % 2]}/{i}.png" for i in range(20)) + " test/x/a.png test/y/b.png"
    data = folder(shades(tmp_path, names))
    assert [len(s) for s in (data.train_set, data.val_set, data.test_set)] == [18, 2, 2]
    assert data.test_set.stored[:, 0, 0, 0].tolist() == [210, 220]
    assert data.test_set.labels.tolist() == [0, 1]
    (tmp_path / "val/x").mkdir(parents=True)
    (tmp_path / "val/y").mkdir(parents=True)
    shutil.copy(tmp_path / "test/x/a.png", tmp_path / "val/x")
    shutil.copy(tmp_path / "test/y/b.png", tmp_path / "val/y")
    whole = folder(tmp_path)
    assert [len(s) for s in (whole.train_set, whole.val_set, whole.test_set)] == [20, 2, 2]


def test_without_class_folders_there_are_no_labels(tmp_path: Path) -> None:
    data = folder(shades(tmp_path, "a.png b.png c.png d.png"))
    assert data.told()["classes"] == 0
    assert set(data.train_set.labels.tolist()) == {-1}


def test_decoded_pictures_are_read_again_and_not_made_again(mixed: Path, tmp_path: Path, count: list[Path]) -> None:
    cache = tmp_path / "deep" / "cache"
    first = folder(mixed, cache=str(cache))
    assert len(count) == 60
    second = folder(mixed, cache=str(cache), split_seed=3, val_fraction=0.5)
    assert len(count) == 60
    assert torch.equal(everything(first), everything(second))
    second.train_set.values.zero_()  # changes are the run's own and never reach the file
    assert torch.equal(everything(folder(mixed, cache=str(cache))), everything(first))
    folder(mixed, cache=str(cache), resize="pad")
    folder(mixed, cache=str(cache), background="black")
    folder(mixed, cache=str(cache), image_size=8)
    folder(mixed, cache=str(cache), channels=1)
    assert len(count) == 300
    assert len(list(cache.iterdir())) == 10
    folder(mixed, cache=str(cache), resize="pad")
    assert len(count) == 300
    assert not (mixed / ".hourglass").exists()


def test_in_memory_nothing_is_written(mixed: Path, tmp_path: Path, count: list[Path]) -> None:
    before = sorted(mixed.rglob("*"))
    plain = folder(mixed, cache=False)
    folder(mixed, cache=False)
    assert len(count) == 120
    assert sorted(mixed.rglob("*")) == before
    assert torch.equal(everything(plain), everything(folder(mixed, cache=str(tmp_path))))


def test_the_cache_moves_with_its_pictures(tmp_path: Path, count: list[Path]) -> None:
    folder(shades(tmp_path / "here", "a.png b.png c.png"))
    (tmp_path / "here").rename(tmp_path / "there")
    folder(tmp_path / "there")
    assert len(count) == 3


def replace(root: Path) -> None:
    """Another picture of the same size in bytes, saved later."""
    before = (root / "b.bmp").stat()
    save(root / "b.bmp", Image.new("RGB", (20, 20), (99, 99, 99)))
    assert (root / "b.bmp").stat().st_size == before.st_size
    os.utime(root / "b.bmp", ns=(before.st_atime_ns, before.st_mtime_ns + 1))


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (replace, [10, 99, 30, 40]),
        (lambda root: (root / "b.bmp").unlink(), [10, 30, 40]),
        (lambda root: (root / "b.bmp").rename(root / "z.bmp"), [10, 30, 40, 20]),
        (lambda root: save(root / "aa.bmp", Image.new("RGB", (5, 5), (50, 50, 50))), [10, 50, 20, 30, 40]),
    ],
    ids=["replaced", "deleted", "renamed", "added"],
)
def test_a_change_among_the_pictures_is_seen(tmp_path: Path, change: Callable[[Path], None], left: list[int]) -> None:
    root = shades(tmp_path, "a.bmp b.bmp c.bmp d.bmp")
    folder(root)
    older = kept(root)
    change(root)
    assert everything(folder(root))[:, 0, 0, 0].tolist() == left
    assert len(kept(root)) == 2
    assert not set(kept(root)) & set(older)


def spoil(end: str, change: Callable[[Path], object]) -> Callable[[Path], None]:
    def spoilt(root: Path) -> None:
        [file] = [file for file in kept(root) if file.suffix == end]
        change(file)

    return spoilt


@pytest.mark.parametrize(
    "damage",
    [
        spoil(".npy", lambda file: file.write_bytes(file.read_bytes()[:-1])),
        spoil(".npy", lambda file: file.write_bytes(b"")),
        spoil(".npy", lambda file: file.unlink()),
        spoil(".npy", lambda file: file.write_bytes(bytes(file.stat().st_size))),
        spoil(".npy", lambda file: file.write_bytes(file.read_bytes().replace(b"|u1", b"|i1"))),
        spoil(".json", lambda file: file.write_bytes(file.read_bytes()[:-5])),
        spoil(".json", lambda file: file.unlink()),
        spoil(".json", lambda file: file.write_text("[]")),
        spoil(".json", lambda file: file.write_text("null")),
        spoil(".json", lambda file: file.write_text(file.read_text().replace('"broken": {', '"broken": {"?": "?"'))),
        spoil(".json", lambda file: file.write_text(file.read_text().replace('"key": "', '"key": "0'))),
    ],
    ids=[
        "array cut short", "array empty", "array gone", "array of zeros", "another type", "manifest cut short",
        "manifest gone", "a list", "null", "an unknown picture", "another key",
    ],
)  # fmt: skip
def test_a_damaged_cache_is_not_believed(tmp_path: Path, damage: Callable[[Path], None], count: list[Path]) -> None:
    root = shades(tmp_path, "a.png b.png c.png")
    first = everything(folder(root)).clone()
    damage(root)
    assert torch.equal(everything(folder(root)), first)
    assert len(count) == 6
    folder(root)
    assert len(count) == 6
    assert len(kept(root)) == 2


def test_an_interruption_leaves_nothing_and_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shades(tmp_path, "a.png b.png c.png")
    read = PictureReader.__call__

    def interrupted(self: PictureReader, path: Path) -> Any:
        if path.name == "b.png":
            raise KeyboardInterrupt
        return read(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(PictureReader, "__call__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            folder(root)
    assert kept(root) == []
    assert everything(folder(root))[:, 0, 0, 0].tolist() == [10, 20, 30]


def test_what_a_killed_run_left_is_removed_and_what_a_live_one_writes_is_not(tmp_path: Path) -> None:
    root = shades(tmp_path, "a.png b.png c.png")
    folder(root)
    dead, live = root / ".hourglass/x.0.part", root / ".hourglass/y.0.part"
    dead.touch()
    live.touch()
    os.utime(dead, (0, time.time() - 2 * picture_cache.DEAD_SECONDS))
    folder(root)
    assert [file.suffix for file in kept(root)] == [".json", ".npy", ".part"]
    assert live.exists()


def test_two_data_sets_share_a_folder(tmp_path: Path, count: list[Path]) -> None:
    roots = [shades(tmp_path / name, "a.png b.png c.png", shade) for name, shade in (("x", 10), ("y", 20))]
    for _ in range(2):
        found = [everything(folder(root, cache=str(tmp_path / "cache")))[0, 0, 0, 0].item() for root in roots]
        assert found == [10, 20]
    assert len(count) == 6


def test_threads_that_start_at_once_all_get_the_pictures(mixed: Path, tmp_path: Path) -> None:
    found: list[torch.Tensor] = []
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        found.append(everything(folder(mixed, cache=str(tmp_path))))

    with warnings.catch_warnings():  # filters are the process's: threads would restore each other's
        warnings.simplefilter("ignore")
        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    expected = everything(folder(mixed, cache=False))
    assert len(found) == 4
    assert all(torch.equal(values, expected) for values in found)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".json", ".npy"]


def _total(root: Path, cache: Path, queue: Any) -> None:
    queue.put(int(everything(folder(root, cache=str(cache))).long().sum()))


def test_processes_that_start_at_once_all_get_the_pictures(mixed: Path, tmp_path: Path) -> None:
    fresh = multiprocessing.get_context("spawn")  # a fork of a process with threads may wait for ever
    queue = fresh.Queue()
    processes = [fresh.Process(target=_total, args=(mixed, tmp_path, queue)) for _ in range(2)]
    for process in processes:
        process.start()
    totals = [queue.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(120)
    assert totals == [int(everything(folder(mixed, cache=False)).long().sum())] * 2
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".json", ".npy"]


def test_few_pictures_wait_in_memory_and_their_order_stays(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "WAITING_BYTES", 1)
    few = folder(mixed, cache=False, workers=3)
    monkeypatch.undo()
    assert torch.equal(everything(few), everything(folder(mixed, cache=False, workers=1)))


@pytest.mark.parametrize(("patience", "terminal"), [(0.0, True), (0.0, False), (60.0, True)])
def test_long_work_is_shown_in_a_terminal(
    patience: float, terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watched, "PATIENCE_SECONDS", patience)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert list(watched.watched(iter("abc"), 3, "decoding")) == ["a", "b", "c"]
    assert ("decoding" in capsys.readouterr().out) == (terminal and patience == 0)


# --- files that cannot be read -------------------------------------------------------------------------------------


def truncated(path: Path) -> None:
    save(path, scene(np.random.default_rng(0), 200, 200))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def gif(path: Path) -> None:
    Image.new("L", (9, 9)).save(path, "GIF")


def bomb(path: Path) -> None:
    Image.new("1", (20_000, 10_000)).save(path)


FAULTS: list[tuple[str, Callable[[Path], object], str]] = [
    ("x.png", truncated, "cut short"),
    ("x.jpg", truncated, "cut short"),
    ("x.webp", truncated, "decoder"),
    ("x.bmp", truncated, "cut short"),
    ("x.tif", truncated, "cut short"),
    ("x.png", lambda path: path.write_text("no picture at all"), "no picture, whatever its name says"),
    ("x.jpg", Path.touch, "no picture, whatever its name says"),
    ("x.png", gif, "no picture, whatever its name says"),
    ("x.png", bomb, "more than 179 million pixels"),
    ("x.png", lambda path: path.symlink_to("nowhere"), "No such file"),
    ("x.png", lambda path: path.symlink_to(path), "symbolic link"),
]


@pytest.mark.parametrize(("name", "make", "why"), FAULTS)
def test_a_file_that_cannot_be_read_is_named_and_left_out(
    tmp_path: Path, name: str, make: Callable[[Path], object], why: str, count: list[Path]
) -> None:
    root = shades(tmp_path, "a.png b.png y.png z.png")
    make(root / name)
    with pytest.raises(
        UserError, match=rf"^1 of 5 pictures in .* more than data\.max_bad=0 .*{name} \(.*{why}.*; mend or"
    ):
        folder(root, max_bad=0)
    with pytest.warns(UserWarning, match=rf"^1 of 5 pictures cannot be read and are left out: {name} \(.*{why}"):
        data = folder(root, max_bad=1)
    assert everything(data)[:, 0, 0, 0].tolist() == [10, 20, 30, 40]
    decoded = len(count)
    with pytest.warns(UserWarning, match="1 of 5 pictures cannot be read"):
        folder(root, max_bad=0.2)
    assert len(count) == decoded or "symbolic" in why


def test_many_faults_are_counted_and_listed_in_a_file(tmp_path: Path) -> None:
    root = shades(tmp_path, "a.png b.png c.png d.png")
    for i in range(6):
        (root / f"bad_{i}.png").write_text("no picture")
    with pytest.raises(
        UserError, match=r"6 of 10 .* and 3 more; mend or .*data\.max_bad=6\. All are listed in (.*json)\."
    ) as e:
        folder(root)
    manifest = Path(str(e.value).split("listed in ")[1].rstrip("."))
    assert sorted(json.loads(manifest.read_text())["broken"]) == [f"bad_{i}.png" for i in range(6)]
    with pytest.warns(UserWarning, match=r"6 of 10 pictures cannot be read and are left out: .* and 3 more\. All are"):
        folder(root, max_bad=6)


def test_a_file_that_may_be_read_later_is_decoded_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shades(tmp_path, "a.png b.png c.png d.png")
    read, access = PictureReader.__call__, os.access

    def refused(self: PictureReader, path: Path) -> Any:
        if path.name == "b.png":
            raise PermissionError(13, "Permission denied")
        return read(self, path)

    with monkeypatch.context() as patch:  # tests may run as root, who may read everything
        patch.setattr(PictureReader, "__call__", refused)
        patch.setattr(os, "access", lambda path, mode: "b.png" not in str(path) and access(path, mode))
        with pytest.warns(UserWarning, match=r"left out: b\.png \(Permission denied\)\."):
            assert len(everything(folder(root, max_bad=1))) == 3
        assert len(kept(root)) == 2
    assert len(everything(folder(root, max_bad=0))) == 4


def test_a_failing_machine_is_no_fault_of_the_file_and_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = shades(tmp_path, "a.png b.png c.png d.png")
    read = PictureReader.__call__

    def failing(self: PictureReader, path: Path) -> Any:
        if path.name == "b.png":
            raise OSError(5, "Input/output error")
        return read(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(PictureReader, "__call__", failing)
        with pytest.warns(UserWarning, match=r"left out: b\.png \(.*Input/output error\)"):
            assert everything(folder(root, max_bad=1))[:, 0, 0, 0].tolist() == [10, 30, 40]
    assert kept(root) == []
    assert len(everything(folder(root, max_bad=0))) == 4


# --- whole folders -------------------------------------------------------------------------------------------------

FEW = "a.png b.png c.png d.png"


def broken_test_set(root: Path) -> None:
    shades(root, "train/a.png train/b.png test/c.png")
    (root / "test/c.png").write_text("x")


def other_files(root: Path) -> None:
    root.mkdir()
    for name in ("a.gif", "b.gif", "c.txt"):
        (root / name).touch()


def all_broken(root: Path) -> None:
    root.mkdir()
    for i in range(4):
        (root / f"{i}.png").touch()


REFUSED: dict[str, tuple[Callable[[Path], object], dict[str, Any], str]] = {
    "no root": (lambda root: None, {"root": None}, r"where your pictures are; type data\.root=<their folder>"),
    "no such folder": (lambda root: None, {}, r"data\.root=.*pictures does not exist"),
    "a file": (
        lambda root: save(root / "a.png", Image.new("L", (9, 9))),
        {"root": "a.png"},
        r"is a file; name",
    ),
    "an empty folder": (Path.mkdir, {}, r"has no pictures in it; name a folder that has some \(png, "),
    "other files": (other_files, {}, r"no pictures in it \(there are other files: 2 \.gif, 1 \.txt\); name"),
    "one picture": (lambda root: shades(root, "a.png"), {}, r"has 1 example .* 3 "),
    "two pictures": (lambda root: shades(root, "a.png b.png"), {}, r"has 2 examples .* 3 "),
    "none to train on": (
        lambda root: shades(root, FEW),
        {"val_fraction": 0.99},
        r"data\.val_fraction=0\.99 leaves none of the 4 pictures to train on; type less",
    ),
    "all for the test": (
        lambda root: shades(root, FEW),
        {"test_fraction": 0.99},
        r"data\.test_fraction=0\.99 leaves none",
    ),
    "no train": (lambda root: shades(root, "val/a.png test/b.png"), {}, r"without a folder train beside"),
    "all broken": (
        all_broken,
        {"max_bad": 4},
        r"none of the 4 pictures .* can be read: 0\.png \(no pic.* and 1 more;",
    ),
    "a broken test set": (broken_test_set, {"max_bad": 1}, r"none of the files in .*pictures/test can be read"),
    "another shape": (
        lambda root: shades(root, FEW),
        {"shape": [3, 8, 8]},
        r"data\.shape=\[3, 8, 8\], but data\.channels=3 and data\.image_size=16 make \[3, 16, 16\]",
    ),
    "a file as cache": (
        lambda root: shades(root, FEW),
        {"cache": "a.png"},
        r"data\.cache=.*a\.png is a file; name a folder",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_told_in_a_sentence(tmp_path: Path, case: str) -> None:
    make, changes, words = REFUSED[case]
    root = tmp_path / "pictures"
    make(root)
    before = sorted(tmp_path.rglob("*"))
    dials: dict[str, Any] = {"root": str(root), "image_size": SIZE} | changes
    for key in {"root", "cache"} & changes.keys():
        dials[key] = changes[key] and str(root / changes[key])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UserError, match=words) as told:
            ImageFolder(**dials).setup()
    assert "\n" not in str(told.value)
    left = {path for path in tmp_path.rglob("*") if path.suffix == ".part" or ".hourglass" not in path.parts}
    assert left == set(before)


def test_a_class_with_one_picture_is_told_and_used(tmp_path: Path) -> None:
    root = shades(tmp_path, " ".join(f"cat/{i}.png" for i in range(10)) + " dog/a.png")
    with pytest.warns(UserWarning, match=r"1 of 2 classes have a single example \('dog'\)"):
        data = folder(root)
    assert data.class_names == ("cat", "dog")
    assert len(everything(data)) == 11


def test_a_class_that_is_not_in_every_folder_is_told(tmp_path: Path) -> None:
    root = shades(
        tmp_path, " ".join(f"train/{c}/{i}.png" for i in range(4) for c in "ab") + " test/a/9.png test/a/8.png"
    )
    with pytest.warns(UserWarning, match=r"not all of the 2 classes are in each folder of .*: test lacks 1 \(b\)"):
        data = folder(root)
    assert data.test_set.labels.tolist() == [0, 0]


def no_room(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 100))


def full_half_way(patch: pytest.MonkeyPatch) -> None:
    def failing(file: Any) -> None:
        raise OSError(28, "No space left on device")

    patch.setattr(picture_cache, "_to_disk", failing)


def no_new_folder(patch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, **options: Any) -> None:
        raise PermissionError(13, "Permission denied")

    patch.setattr(Path, "mkdir", refused)


def not_moved(patch: pytest.MonkeyPatch) -> None:
    def refused(*paths: Path) -> None:
        raise PermissionError(13, "Permission denied")

    patch.setattr(os, "replace", refused)


def not_looked_at(patch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, **options: Any) -> Any:
        if ".hourglass" in self.name:
            raise PermissionError(13, "Permission denied")
        return resolve(self, **options)

    resolve = Path.resolve
    patch.setattr(Path, "resolve", refused)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (no_room, "No space left"),
        (full_half_way, "No space left"),
        (no_new_folder, "denied"),
        (not_moved, "denied"),
        (not_looked_at, "denied"),
    ],
)
def test_what_cannot_be_kept_is_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[pytest.MonkeyPatch], None], why: str
) -> None:
    root = shades(tmp_path, "a.png b.png c.png d.png")
    with monkeypatch.context() as patch:
        trouble(patch)
        with pytest.warns(
            UserWarning, match=rf"^4 decoded pictures cannot be kept in .*\.hourglass \(.*{why}.*\): they"
        ):
            data = folder(root)
    assert everything(data)[:, 0, 0, 0].tolist() == [10, 20, 30, 40]
    assert kept(root) == []
    folder(root)
    assert len(kept(root)) == 2


def test_a_disk_that_is_full_when_the_manifest_is_due_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: list[Path]
) -> None:
    root = shades(tmp_path, "a.png b.png c.png")
    to_disk, calls = picture_cache._to_disk, []

    def full_at_last(file: Any) -> None:
        calls.append(file)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        to_disk(file)

    monkeypatch.setattr(picture_cache, "_to_disk", full_at_last)
    with pytest.warns(UserWarning, match="cannot be kept"):
        folder(root)
    assert kept(root) == []
    folder(root)
    assert len(kept(root)) == 2
    assert len(count) == 9


def test_pictures_that_fit_nowhere_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(decoding.np, "zeros", too_much)
    with pytest.raises(UserError, match=r"4 decoded pictures take .* GB, more memory than there is; name a folder"):
        folder(shades(tmp_path, "a.png b.png c.png d.png"), cache=False)
