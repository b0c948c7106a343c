"""Fashion-MNIST, KMNIST and EMNIST's letters, from small files that the test writes: the real ones are not at hand."""

import gzip
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
import torchvision

from src.data import EmnistLetters, FashionMnist, KMnist
from src.data.images.mnist import IdxData
from src.errors import UserError
from tests.conftest import NO_PICTURES, run
from tests.data.idx_files import idx_bytes, write_idx

LABELS = {FashionMnist: range(10), KMnist: range(10), EmnistLetters: range(1, 27)}
Snapshot = Callable[[], dict[str, bytes]]


def write(root: Path, kind: type[IdxData], n_train: int = 130, n_test: int = 52) -> Path:
    return write_idx(root / kind.folder, kind.files, n_train, n_test, LABELS[kind])


def read(root: Path, kind: type[IdxData]) -> IdxData:
    data = kind(shape=[1, 28, 28], root=str(root))
    data.setup()
    return data


def stored(file: Path) -> torch.Tensor:
    return torch.frombuffer(bytearray(file.read_bytes()), dtype=torch.uint8, offset=16).view(-1, 28, 28)


def test_the_names_are_those_of_torchvision() -> None:
    assert KMnist.files == ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")  # fmt: skip  # noqa: E501
    assert EmnistLetters.files == tuple(
        f"emnist-letters-{part}-{kind}-ubyte" for part in ("train", "test") for kind in ("images-idx3", "labels-idx1")
    )
    assert torchvision.datasets.KMNIST.classes == list(KMnist.class_names)
    assert torchvision.datasets.EMNIST.classes_split_dict["letters"][1:] == list(EmnistLetters.class_names)


@pytest.mark.parametrize("kind", LABELS)
def test_any_number_of_pictures_is_read_and_split_by_class(tmp_path: Path, kind: type[IdxData]) -> None:
    write(tmp_path, kind, n_train=260, n_test=52)
    data = read(tmp_path, kind)
    assert [len(s) for s in (data.train_set, data.val_set, data.test_set)] == [234, 26, 52]
    counts = torch.bincount(data.val_set.labels, minlength=len(LABELS[kind]))
    assert counts.max() - counts.min() <= 1
    assert data.test_set.labels[:4].tolist() == [0, 1, 2, 3]
    assert len(data.test_set.classes) == len(LABELS[kind])


def test_letters_are_turned_upright(tmp_path: Path) -> None:
    folder = write(tmp_path, EmnistLetters)
    letter = torch.zeros(28, 28, dtype=torch.uint8)
    letter[4:24, 6] = 255  # an L: its stem
    letter[23, 6:18] = 255  # and its foot
    (folder / EmnistLetters.files[2]).write_bytes(idx_bytes(letter.T.expand(52, 28, 28)))
    test = read(tmp_path, EmnistLetters).test_set
    assert torch.equal(test.stored[0, 0], letter)
    assert test.values.is_contiguous()


def test_what_is_not_on_its_side_stays_as_it_is(tmp_path: Path) -> None:
    folder = write(tmp_path, KMnist)
    assert torch.equal(read(tmp_path, KMnist).test_set.stored[:, 0], stored(folder / KMnist.files[2]))


def test_a_is_the_first_letter(tmp_path: Path) -> None:
    write(tmp_path, EmnistLetters)
    data = read(tmp_path, EmnistLetters)
    assert data.test_set.labels[:26].tolist() == list(range(26))
    assert (data.test_set.classes[0], data.test_set.classes[25]) == ("a", "z")


@pytest.mark.parametrize("kind", LABELS)
def test_gzipped_files_are_read_where_they_lie(tmp_path: Path, kind: type[IdxData], snapshot: Snapshot) -> None:
    folder = write(tmp_path, kind)
    plain = read(tmp_path, kind).train_set.stored
    for file in list(folder.iterdir()):
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    before = snapshot()
    assert torch.equal(read(tmp_path, kind).train_set.stored, plain)
    assert snapshot() == before


BAD = [
    (EmnistLetters, 3, [0], r"has a label 0, where 1 to 26 are expected"),
    (EmnistLetters, 1, [1, 27], r"has a label 27, where 1 to 26 are expected"),
    (KMnist, 3, [10], r"has a label 10, where 0 to 9 are expected"),
    (EmnistLetters, 2, None, r"is cut short: 40,700 bytes where its header asks for 40,784"),
    (KMnist, 0, None, r"is cut short"),
]
"""The set, which of its files is bad, its labels (None: it is cut short), and what the sentence says."""


@pytest.mark.parametrize(("kind", "which", "labels", "what"), BAD)
def test_a_bad_file_is_named_and_stays_as_it_is(
    tmp_path: Path, snapshot: Snapshot, kind: type[IdxData], which: int, labels: list[int] | None, what: str
) -> None:
    file = write(tmp_path, kind) / kind.files[which]
    n = 52 if which >= 2 else 130
    if labels is None:
        file.write_bytes(file.read_bytes()[:-84])
    else:
        file.write_bytes(idx_bytes(torch.tensor([labels[-1]] * n, dtype=torch.uint8)))
    before = snapshot()
    with pytest.raises(UserError, match=what) as error:
        read(tmp_path, kind)
    assert str(file) in str(error.value)
    assert snapshot() == before


@pytest.mark.parametrize("kind", LABELS)
def test_a_missing_file_is_named(tmp_path: Path, kind: type[IdxData]) -> None:
    (write(tmp_path, kind) / kind.files[3]).unlink()
    with pytest.raises(UserError, match=rf"but not {kind.files[3]} \(with \.gz at the end does too\)\. Put what is"):
        read(tmp_path, kind)


@pytest.mark.parametrize("kind", LABELS)
def test_without_a_network_a_sentence_says_which_files_to_put_where(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, kind: type[IdxData]
) -> None:
    def download(self: torchvision.datasets.MNIST) -> None:
        Path(self.raw_folder).mkdir(parents=True)
        (Path(self.raw_folder) / "half.gz").write_bytes(b"half of it")
        raise URLError("no route")

    monkeypatch.setattr(getattr(torchvision.datasets, kind.source), "download", download)
    with pytest.raises(UserError, match="could not be downloaded") as error:
        read(tmp_path, kind)
    for expected in (*kind.files, str(tmp_path / kind.folder), "HOURGLASS_DATA", "data=digits"):
        assert expected in str(error.value)
    assert snapshot() == {}


def test_of_emnist_the_letters_alone_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(self: torchvision.datasets.EMNIST) -> None:
        assert self.split == "letters"
        folder = write(Path(self.root), EmnistLetters)
        (folder / "emnist-balanced-train-images-idx3-ubyte").write_bytes(b"much more comes in the same archive")

    monkeypatch.setattr(torchvision.datasets.EMNIST, "download", download)
    assert len(read(tmp_path, EmnistLetters).test_set) == 52
    assert sorted(path.name for path in (tmp_path / "EMNIST" / "raw").iterdir()) == sorted(EmnistLetters.files)
    assert [path.name for path in tmp_path.iterdir()] == ["EMNIST"]


@pytest.mark.parametrize(
    ("name", "kind"), [("fashion_mnist", FashionMnist), ("kmnist", KMnist), ("emnist_letters", EmnistLetters)]
)
def test_an_epoch_of_training(tmp_path: Path, name: str, kind: type[IdxData]) -> None:
    write(tmp_path / "files", kind)
    chosen = [f"data={name}", f"data.root='{tmp_path / 'files'}'", "trainer.max_epochs=1"]
    assert run(tmp_path / "run", *chosen, *NO_PICTURES)["status"] == "finished"
