"""Which files are pictures, to which part they belong, and which class they are."""

import os
from pathlib import Path

import pytest

from src.data.pictures.folder_layout import classes_of, places
from src.data.pictures.picture_files import find_pictures
from src.errors import UserError


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def found(root: Path) -> list[str]:
    return [file.name for file in find_pictures(root)]


pytestmark = pytest.mark.filterwarnings("error")
"""Each warning is a thing to expect."""


def test_pictures_are_found_at_any_depth_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = ["z.PNG", "a/b/c/d.jpeg", "a/b.tiff", "b.webp", "é/ü (1).bmp", "a.tif", "c.jpg"]
    tree(tmp_path, *names, "notes.txt", "a/Thumbs.db", "png", "b.png.part")
    assert found(tmp_path) == sorted(names)
    sizes = {file.name: file.size for file in find_pictures(tmp_path)}
    assert sizes == {name: len(name.encode()) for name in names}


def test_what_is_hidden_is_no_picture(tmp_path: Path) -> None:
    tree(tmp_path, "a.png", ".b.png", "._a.png", ".git/c.png", ".hourglass/d.png", "x/__MACOSX/._e.png", "x/f.png")
    assert found(tmp_path) == ["a.png", "x/f.png"]


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    tree(tmp_path / "elsewhere", "c.png", "sub/d.png")
    root = tree(tmp_path / "root", "m/a.png")
    (root / "m/up").symlink_to(root)
    (root / "m/itself").symlink_to(root / "m/itself")
    (root / "m/itself.png").symlink_to(root / "m/itself.png")
    (root / "a_link").symlink_to(root / "m")  # its name comes first, but m is the real one
    (root / "out").symlink_to(tmp_path / "elsewhere")
    (root / "twice").symlink_to(tmp_path / "elsewhere")
    (root / "e.png").symlink_to(tmp_path / "elsewhere/c.png")
    (root / "nowhere.png").symlink_to(tmp_path / "nowhere")
    assert found(root) == ["e.png", "m/a.png", "m/itself.png", "nowhere.png", "out/c.png", "out/sub/d.png"]
    lost = [file.name for file in find_pictures(root) if not file.readable]
    assert lost == ["m/itself.png", "nowhere.png"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    tree(tmp_path, "a.png")
    os.mkfifo(tmp_path / "b.png")
    (tmp_path / "c.png").symlink_to(tmp_path / "b.png")
    assert found(tmp_path) == ["a.png"]


def test_pictures_of_kinds_that_are_not_read_are_counted(tmp_path: Path) -> None:
    tree(tmp_path, "a.png", "b.gif", "c.GIF", "d.heic", "e.txt")
    with pytest.warns(UserWarning, match=r"left out: 2 \.gif, 1 \.heic; png, jpg"):
        assert found(tmp_path) == ["a.png"]


def test_a_folder_that_cannot_be_listed_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.png", "shut/b.png")
    scandir = os.scandir

    def refusing(folder: str) -> object:
        if folder.endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.warns(UserWarning, match=r"1 folders? cannot be listed and .* left out: shut"):
        assert found(tmp_path) == ["a.png"]


def test_a_name_that_is_no_text_can_be_told(tmp_path: Path) -> None:
    tree(tmp_path, "a.png")
    try:
        (tmp_path / os.fsdecode(b"\xff.gif")).touch()
        (tmp_path / os.fsdecode(b"\xff.png")).touch()
    except OSError:
        pytest.skip("this file system wants names that are text")
    with pytest.warns(UserWarning, match=r"1 \.gif"):
        assert [os.fsencode(name) for name in found(tmp_path)] == [b"a.png", b"\xff.png"]


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        ("a.png b.png", "train train"),
        ("x/a.png y/b.png", "train train"),
        ("train/a.png test/b.png", "train test"),
        ("Train/a.png VALID/b.png test/x/c.png", "train val test"),
        ("train/a.png validation/b.png", "train val"),
        ("train/x/a.png train/y/b.png", "train train"),
        ("train/a.png plane/b.png", "train train"),  # means of transport
        ("test/a.png plane/b.png", "train train"),
        ("x/train/a.png x/test/b.png", "train train"),
        ("train.png test.png", "train train"),
    ],
)
def test_the_folders_tell_the_parts(names: str, parts: str) -> None:
    assert [place.part for place in places(names.split())] == parts.split()


def test_a_place_is_below_its_part() -> None:
    assert [place.name for place in places(["train/x/a.png", "test/b.png"])] == ["x/a.png", "b.png"]
    assert [place.name for place in places(["train/a.png", "plane/b.png"])] == ["train/a.png", "plane/b.png"]


def test_pictures_beside_the_parts_are_left_out_and_counted() -> None:
    with pytest.warns(UserWarning, match=r"2 of 4 files lie beside the folders test, train .*: a\.png, "):
        found = places(["a.png", "more/b.png", "test/c.png", "train/d.png"])
    assert [place.part for place in found] == [None, None, "test", "train"]


def test_a_split_without_train_says_what_to_do() -> None:
    with pytest.raises(UserError, match=r"lie in test and val, without a folder train beside; call"):
        places(["val/a.png", "test/b.png"])


@pytest.mark.parametrize(
    ("names", "classes", "labels"),
    [
        ("b/x.png a/y.png b/c/z.png", "a b", [1, 0, 1]),
        ("x.png y.png", "", [-1, -1]),
        ("only/x.png only/y.png", "", [-1, -1]),
        ("x.png only/y.png", "", [-1, -1]),
    ],
)
def test_the_first_folders_are_the_classes(names: str, classes: str, labels: list[int]) -> None:
    assert classes_of(names.split()) == (tuple(classes.split()), labels)


def test_loose_pictures_beside_classes_are_counted() -> None:
    with pytest.warns(UserWarning, match=r"1 of 3 files lie outside of the 2 folders \(a, b\), so .*: loose\.png"):
        assert classes_of(["a/x.png", "b/y.png", "loose.png"]) == ((), [-1, -1, -1])
