"""CIFAR-10 and SVHN, through torchvision's own classes and small files.

The real files are large and not at hand. torchvision reads a file only where its MD5 sum is the one in a list of its
own, so here that list is changed to the sums of small files that the test writes; nothing else of torchvision is.
"""

import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import scipy.io
import torch
import torchvision

from src.data import Cifar10, Svhn
from src.data.images.colour import HashedData
from src.errors import UserError
from tests.conftest import NO_PICTURES, run

NUMBERS = np.random.default_rng(0)
CIFAR = [NUMBERS.integers(256, size=(20, 3, 32, 32), dtype=np.uint8) for _ in range(6)]
STREET = {name: NUMBERS.integers(256, size=(n, 3, 32, 32), dtype=np.uint8) for name, n in (("train", 80), ("test", 30))}
Snapshot = Callable[[], dict[str, bytes]]


def write_cifar(root: Path) -> None:
    """Six batches of 20 pictures, as the published ones hold theirs: a row is red, green and blue, labels in turn."""
    folder = root / Cifar10.folder
    folder.mkdir(parents=True)
    for name, pictures in zip(Cifar10.files, CIFAR, strict=False):
        contents = {"data": pictures.reshape(20, 3072), "labels": [i % 10 for i in range(20)]}
        (folder / name).write_bytes(pickle.dumps(contents))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list(Cifar10.class_names)}))


def write_svhn(root: Path) -> None:
    """80 and 30 pictures, counted by the last dimension, with 10 for the digit 0, as the published files have it."""
    for name, pictures in STREET.items():
        labels = np.arange(1, len(pictures) + 1)[:, None] % 10
        contents = {"X": pictures.transpose(2, 3, 1, 0), "y": np.where(labels == 0, 10, labels).astype(np.uint8)}
        scipy.io.savemat(root / f"{name}_32x32.mat", contents)


def believe(patch: pytest.MonkeyPatch, root: Path) -> None:
    """Let torchvision know the small files by their sums."""

    def of(name: str) -> list[str]:
        return [name, hashlib.md5((root / Cifar10.folder / name).read_bytes()).hexdigest()]

    if (root / Cifar10.folder).exists():
        cifar, (*batches, test, meta) = torchvision.datasets.CIFAR10, Cifar10.files
        patch.setattr(cifar, "train_list", [of(name) for name in batches])
        patch.setattr(cifar, "test_list", [of(test)])
        patch.setattr(cifar, "meta", {"filename": meta, "key": "label_names", "md5": of(meta)[1]})
    else:
        files = {part: f"{part}_32x32.mat" for part in STREET}
        sums = {part: hashlib.md5((root / name).read_bytes()).hexdigest() for part, name in files.items()}
        patch.setattr(torchvision.datasets.SVHN, "split_list", {part: ["", files[part], sums[part]] for part in STREET})


WRITE = {Cifar10: write_cifar, Svhn: write_svhn}


@pytest.fixture(params=[Cifar10, Svhn])
def kind(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[HashedData]:
    """Either set, its files in place."""
    WRITE[request.param](tmp_path)
    believe(monkeypatch, tmp_path)
    return request.param


def read(root: Path, kind: type[HashedData], **dials: Any) -> HashedData:
    data = kind(shape=[3, 32, 32], root=str(root), **dials)
    data.setup()
    return data


def test_pictures_are_those_of_the_files(tmp_path: Path, kind: type[HashedData], snapshot: Snapshot) -> None:
    before = snapshot()
    data = read(tmp_path, kind)
    train, test = (np.concatenate(CIFAR[:5]), CIFAR[5]) if kind is Cifar10 else (STREET["train"], STREET["test"])
    assert np.array_equal(data.test_set.stored, test)
    rest, part = ({bytes(x.numpy()) for x in s.stored} for s in (data.train_set, data.val_set))
    assert rest | part == {x.tobytes() for x in train}
    assert (len(rest), len(part)) == (len(train) * 9 // 10, len(train) // 10)
    assert data.train_set.values.dtype == torch.uint8
    assert data.train_set.values.is_contiguous()
    assert snapshot() == before


def test_labels_belong_to_their_pictures(tmp_path: Path, kind: type[HashedData]) -> None:
    data = read(tmp_path, kind)
    first = 0 if kind is Cifar10 else 1  # the tenth street number is the digit 0
    assert data.test_set.labels[:11].tolist() == [(first + i) % 10 for i in range(11)]
    assert data.test_set.labels.dtype == torch.int64
    train = np.concatenate(CIFAR[:5]) if kind is Cifar10 else STREET["train"]
    place = {x.tobytes(): i for i, x in enumerate(train)}
    for x, y in zip(data.val_set.stored, data.val_set.labels, strict=True):
        assert y == (first + place[bytes(x.numpy())]) % 10


def test_the_names_are_torchvisions() -> None:
    cifar, street = torchvision.datasets.CIFAR10, torchvision.datasets.SVHN
    assert Cifar10.folder == cifar.base_folder
    assert Cifar10.files == (*(name for name, _ in cifar.train_list + cifar.test_list), cifar.meta["filename"])
    assert Svhn.files == tuple(street.split_list[part][1] for part in ("train", "test"))


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


def test_what_is_not_the_published_file_is_not_even_opened(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cifar(tmp_path)
    believe(monkeypatch, tmp_path)
    for name in ("data_batch_3", "test_batch", "batches.meta"):
        file = tmp_path / Cifar10.folder / name
        whole = file.read_bytes()
        file.write_bytes(pickle.dumps(Bomb(tmp_path / "trace")))
        before = snapshot()
        with pytest.raises(UserError, match=rf"{name} cannot be used: it is not the published file, as its MD5 sum"):
            read(tmp_path, Cifar10)
        assert not (tmp_path / "trace").exists()
        assert snapshot() == before
        file.write_bytes(whole)
    read(tmp_path, Cifar10)
    pickle.loads(pickle.dumps(Bomb(tmp_path / "trace")))
    assert (tmp_path / "trace").exists()  # the bomb was a live one


def test_the_sums_are_those_of_the_published_files(tmp_path: Path) -> None:
    for kind, write in WRITE.items():
        write(tmp_path)
        with pytest.raises(UserError, match="is not the published file"):
            read(tmp_path, kind)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def dangling_link(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.with_name("nowhere"))


def missing(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (cut_short, "cannot be used: it is not the published file"),
        (a_folder, "cannot be used: it is not the published file"),
        (dangling_link, "cannot be used: it is not the published file"),
        (missing, r", but not {name}\. Put what is missing beside it, or move what is there away"),
    ],
)
def test_a_bad_file_is_named_and_stays_as_it_is(
    tmp_path: Path, kind: type[HashedData], snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None], what: str,
) -> None:  # fmt: skip
    source = getattr(torchvision.datasets, kind.source)
    monkeypatch.setattr(source, "download", lambda self: pytest.fail("downloaded over files"))
    name = kind.files[1]
    spoil(tmp_path / kind.folder / name)
    before = snapshot()
    with pytest.raises(UserError, match=what.format(name=name)):
        read(tmp_path, kind)
    assert snapshot() == before


@pytest.mark.parametrize("kind", WRITE)
def test_without_a_network_a_sentence_says_which_files_to_put_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[HashedData]
) -> None:
    def download(self: Any) -> None:
        (Path(self.root) / "half.tar.gz").write_bytes(b"half of it")
        raise URLError("no route")

    monkeypatch.setattr(getattr(torchvision.datasets, kind.source), "download", download)
    with pytest.raises(UserError, match="could not be downloaded") as error:
        read(tmp_path, kind)
    for expected in (
        *kind.files,
        f"{kind.source} is not in {tmp_path / kind.folder} ",
        "HOURGLASS_DATA",
        "data=digits",
    ):
        assert expected in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", WRITE)
def test_a_download_is_put_in_place_and_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[HashedData]
) -> None:
    source = getattr(torchvision.datasets, kind.source)
    (tmp_path / "elsewhere").mkdir()
    WRITE[kind](tmp_path / "elsewhere")
    believe(monkeypatch, tmp_path / "elsewhere")

    def download(self: Any) -> None:
        if not any((Path(self.root) / kind.folder / name).exists() for name in kind.files):
            WRITE[kind](Path(self.root))

    monkeypatch.setattr(source, "download", download)
    root = tmp_path / "root"
    root.mkdir()
    read(root, kind)
    assert sorted(path.name for path in (root / kind.folder).iterdir()) == sorted(kind.files)
    assert len(list(root.iterdir())) == (1 if kind is Cifar10 else 2)
    monkeypatch.setattr(source, "download", lambda self: pytest.fail("downloaded again"))
    read(root, kind)


def test_an_epoch_of_training(tmp_path: Path, kind: type[HashedData], monkeypatch: pytest.MonkeyPatch) -> None:
    # PCA of 3,072 numbers an image takes longer than all the rest
    monkeypatch.setattr("src.training.pca_baseline", lambda data, components: {})
    name = {Cifar10: "cifar10", Svhn: "svhn"}[kind]
    chosen = [f"data={name}", f"data.root='{tmp_path}'", "trainer.max_epochs=1", "model=convolutional"]
    assert run(tmp_path / "run", *chosen, *NO_PICTURES)["status"] == "finished"
