"""Paths as they were typed: to no place, to one that may not be looked at, or to nowhere."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from src.data import Arrays, Audio, Cifar10, DataModule, ImageFolder, Mnist, Series, Table
from src.data.roots import located, typed_path
from src.errors import UserError

SOURCES = [Arrays, Audio, Cifar10, ImageFolder, Mnist, Series, Table]
"""All that read files."""


def load(source: type[DataModule], root: str) -> None:
    source(root=root).setup()  # type: ignore[call-arg]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("root", "words"),
    [
        ("", r"^data\.root is empty, as after a shell variable that is not set; type data\.root=<path>\.$"),
        (" ", r"^data\.root is empty"),
        ("~nobody-of-that-name/x", r"^data\.root=~nobody-of-that-name/x: nobody here is called ~nobody-of-that-name"),
        ("x" * 300, r"^data\.root=x{100}\.\.\. cannot be read \(File name too long\)"),
    ],
    ids=["empty", "blank", "nobody", "long"],
)
def test_what_is_no_path_is_told_by_every_source(source: type[DataModule], root: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        load(source, root)


@pytest.mark.parametrize("source", SOURCES)
def test_a_place_that_may_not_be_looked_at_is_told(
    source: type[DataModule], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, stat = tmp_path / "closed" / "x", Path.stat

    def denied(self: Path, **how: Any) -> os.stat_result:
        if self == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return stat(self, **how)

    monkeypatch.setattr(Path, "stat", denied)  # the superuser may look anywhere
    with pytest.raises(UserError, match=r"^data\.root=.*closed/x cannot be read \(Permission denied\); name another"):
        load(source, str(closed))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_may_not_be_read_is_told(
    source: type[DataModule], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Any, *how: Any) -> Any:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    closed = tmp_path / "closed.npy"
    closed.mkdir() if kind == "folder" else closed.touch()
    monkeypatch.setattr(os, "listdir", denied)
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(
        UserError, match=r"^data\.root=.*closed\.npy cannot be read \(Permission denied\); name another"
    ):
        load(source, str(closed))


def test_home_is_spelt_out_and_what_is_not_there_is_left_to_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert typed_path("~/pictures") == Path("/home/ada/pictures")
    assert located("/nowhere/at/all") == Path("/nowhere/at/all")


def test_an_empty_cache_is_not_the_folder_one_stands_in(tmp_path: Path) -> None:
    from PIL import Image

    for i in range(3):
        Image.new("RGB", (4, 4)).save(tmp_path / f"{i}.png")
    with pytest.raises(UserError, match=r"^data\.cache is empty"):
        ImageFolder(root=str(tmp_path), cache="").setup()
