"""The files of MNIST: the real ones, and every way they can be wrong."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
import torchvision

from src.data import FashionMnist, Mnist
from src.data.images.idx import NAMES
from src.errors import UserError
from tests.data.idx_files import idx_bytes, write_mnist

Snapshot = Callable[[], dict[str, bytes]]
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES


def mnist(root: Path | str) -> Mnist:
    data = Mnist(shape=[1, 28, 28], root=str(root))
    data.setup()
    return data


def test_the_real_files(mnist_root: str) -> None:
    data = mnist(mnist_root)
    assert [len(s) for s in (data.train_set, data.val_set, data.test_set)] == [54_000, 6_000, 10_000]
    counts = torch.bincount(data.train_set.labels) + torch.bincount(data.val_set.labels)
    assert counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.test_set.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert torch.cat([s.stored for s in (data.train_set, data.val_set)]).float().mean() / 255 == pytest.approx(
        0.1307, abs=1e-4
    )
    assert data.train_set.shape == (1, 28, 28)


def test_images_are_those_of_the_files(tmp_path: Path, raw: Path, snapshot: Snapshot) -> None:
    before = snapshot()
    data = mnist(tmp_path)
    stored = torch.frombuffer(bytearray((raw / TEST_IMAGES).read_bytes()), dtype=torch.uint8, offset=16)
    assert torch.equal(data.test_set.stored, stored.view(10, 1, 28, 28))
    assert data.test_set.labels.tolist() == list(range(10))
    assert [len(data.train_set), len(data.val_set)] == [27, 3]
    assert snapshot() == before


def test_gzipped_files_are_read_where_they_lie(tmp_path: Path, raw: Path, snapshot: Snapshot) -> None:
    plain = mnist(tmp_path).train_set.stored
    for name in NAMES:
        (raw / f"{name}.gz").write_bytes(gzip.compress((raw / name).read_bytes()))
        (raw / name).unlink()
    before = snapshot()
    assert torch.equal(mnist(tmp_path).train_set.stored, plain)
    assert snapshot() == before


def cut_short(raw: Path) -> None:
    (raw / TRAIN_IMAGES).write_bytes((raw / TRAIN_IMAGES).read_bytes()[:-100])


def too_long(raw: Path) -> None:
    (raw / TRAIN_IMAGES).write_bytes((raw / TRAIN_IMAGES).read_bytes() + b"x")


def no_header(raw: Path) -> None:
    (raw / TEST_LABELS).write_bytes(b"\0\0\x08")


def empty(raw: Path) -> None:
    (raw / TEST_LABELS).write_bytes(b"")


def a_web_page(raw: Path) -> None:
    (raw / TEST_IMAGES).write_bytes(b"<html><body>404 Not Found</body></html>")


def swapped(raw: Path) -> None:
    (raw / TRAIN_IMAGES).write_bytes((raw / TRAIN_LABELS).read_bytes())


def no_images(raw: Path) -> None:
    (raw / TEST_IMAGES).write_bytes(idx_bytes(torch.zeros(0, 28, 28, dtype=torch.uint8)))


def too_few_labels(raw: Path) -> None:
    (raw / TRAIN_LABELS).write_bytes(idx_bytes(torch.zeros(29, dtype=torch.uint8)))


def impossible_label(raw: Path) -> None:
    (raw / TEST_LABELS).write_bytes(idx_bytes(torch.full((10,), 77, dtype=torch.uint8)))


def absurd_size(raw: Path) -> None:
    (raw / TRAIN_IMAGES).write_bytes(struct.pack(">4I", 0x803, 2**32 - 1, 2**32 - 1, 2**32 - 1) + b"x" * 50)


def missing(raw: Path) -> None:
    (raw / TEST_LABELS).unlink()


def gzip_cut_short(raw: Path) -> None:
    whole = gzip.compress((raw / TRAIN_LABELS).read_bytes())
    (raw / f"{TRAIN_LABELS}.gz").write_bytes(whole[: len(whole) // 2])
    (raw / TRAIN_LABELS).unlink()


def gzip_spoilt(raw: Path) -> None:
    (raw / f"{TEST_IMAGES}.gz").write_bytes(b"no gzip at all")
    (raw / TEST_IMAGES).unlink()


def a_folder(raw: Path) -> None:
    (raw / TEST_IMAGES).unlink()
    (raw / TEST_IMAGES).mkdir()


def dangling_link(raw: Path) -> None:
    (raw / TEST_IMAGES).unlink()
    (raw / TEST_IMAGES).symlink_to(raw / "nowhere")


@pytest.mark.parametrize(
    ("spoil", "name", "what"),
    [
        (cut_short, TRAIN_IMAGES, r"is cut short: 23,436 bytes where its header asks for 23,536"),
        (too_long, TRAIN_IMAGES, r"is too long"),
        (no_header, TEST_LABELS, r"is cut short: 3 bytes"),
        (empty, TEST_LABELS, r"is cut short: 0 bytes"),
        (a_web_page, TEST_IMAGES, r"is not a file of images: it starts with 0x3c68746d"),
        (swapped, TRAIN_IMAGES, r"it starts with 0x00000801 and not with 0x00000803"),
        (no_images, TEST_IMAGES, r"holds no images"),
        (too_few_labels, TRAIN_LABELS, r"29 labels for the 30 images of train-images"),
        (impossible_label, TEST_LABELS, r"a label 77, where 0 to 9 are expected"),
        (absurd_size, TRAIN_IMAGES, r"is cut short"),
        (missing, TEST_LABELS, r"but not t10k-labels-idx1-ubyte .*Put what is missing beside it"),
        (gzip_cut_short, f"{TRAIN_LABELS}.gz", r"cut short or no gzip file"),
        (gzip_spoilt, f"{TEST_IMAGES}.gz", r"cut short or no gzip file"),
        (a_folder, TEST_IMAGES, r"cannot be read \(Is a directory\)"),
        (dangling_link, TEST_IMAGES, r"cannot be read \(No such file"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_bad_folder_names_the_file_and_stays_as_it_is(
    tmp_path: Path, raw: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None], name: str, what: str,
) -> None:  # fmt: skip
    spoil(raw)
    before = snapshot()
    monkeypatch.setattr(torchvision.datasets.MNIST, "download", lambda self: pytest.fail("downloaded over files"))
    with pytest.raises(UserError, match=what) as error:
        mnist(tmp_path)
    assert name in str(error.value)
    assert str(raw) in str(error.value)
    assert snapshot() == before


def test_images_of_another_size_are_refused(tmp_path: Path, raw: Path) -> None:
    (raw / TEST_IMAGES).write_bytes(idx_bytes(torch.zeros(10, 20, 20, dtype=torch.uint8)))
    with pytest.raises(UserError, match=r"the test examples of Mnist are \[1,20,20\], but those to train on"):
        mnist(tmp_path)


@pytest.mark.parametrize(
    "failure", [URLError("no route"), RuntimeError("Error downloading"), PermissionError(13, "denied")]
)
@pytest.mark.parametrize("kind", [Mnist, FashionMnist])
def test_without_a_network_a_sentence_says_which_files_to_put_where(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, failure: Exception, kind: type[Mnist]
) -> None:
    def download(self: torchvision.datasets.MNIST) -> None:
        Path(self.raw_folder).mkdir(parents=True)
        (Path(self.raw_folder) / f"{TRAIN_IMAGES}.gz").write_bytes(b"half of it")
        raise failure

    monkeypatch.setattr(torchvision.datasets.MNIST, "download", download)
    with pytest.raises(UserError, match="could not be downloaded") as error:
        kind(shape=[1, 28, 28], root=str(tmp_path)).setup()
    for expected in (*NAMES, str(tmp_path / kind.folder), "HOURGLASS_DATA", "data=digits"):
        assert expected in str(error.value)
    assert list(tmp_path.iterdir()) == []  # no half of a file to stumble over next time


def test_an_interrupted_download_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(self: torchvision.datasets.MNIST) -> None:
        write_mnist(Path(self.root))
        raise KeyboardInterrupt

    monkeypatch.setattr(torchvision.datasets.MNIST, "download", download)
    with pytest.raises(KeyboardInterrupt):
        mnist(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_download_is_put_in_place_and_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision.datasets.MNIST, "download", lambda self: write_mnist(Path(self.root)))
    assert len(mnist(tmp_path).test_set) == 10
    assert sorted(path.name for path in (tmp_path / "MNIST" / "raw").iterdir()) == sorted(NAMES)
    assert [path.name for path in tmp_path.iterdir()] == ["MNIST"]
    monkeypatch.setattr(torchvision.datasets.MNIST, "download", lambda self: pytest.fail("downloaded again"))
    assert len(mnist(tmp_path).test_set) == 10


def test_the_default_root_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torchvision.datasets.MNIST, "download", lambda self: write_mnist(Path(self.root)))
    Mnist(shape=[1, 28, 28]).setup()
    assert (tmp_path / "data" / "MNIST" / "raw" / TEST_LABELS).is_file()


def test_a_root_that_is_no_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data\.root=.*nowhere does not exist; .* mkdir -p .*nowhere"):
        mnist(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"data\.root=.*file is not a folder"):
        mnist(tmp_path / "file")
