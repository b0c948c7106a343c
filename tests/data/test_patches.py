"""Patches of photographs: where they come from, and whitening."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.datasets
import torch
from sklearn.utils import Bunch
from torch import Tensor

from src.data import ExampleSet, Patches
from src.data.images.patches import MARGIN, TILE
from src.data.images.whitening import Whitening
from src.errors import UserError
from tests.conftest import NO_PICTURES, run

HEIGHT, WIDTH = 427, 640
COLOUR = {"channels": 3}


def patches(**dials: Any) -> Patches:
    data = Patches(**{"n_train": 600, "n_val": 100, "n_test": 200} | dials)
    data.setup()
    return data


def sets(data: Patches) -> list[ExampleSet]:
    return [data.train_set, data.val_set, data.test_set]


@pytest.fixture
def numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two photographs whose every pixel has a colour of its own: 65,536 red + 256 green + blue is its number."""
    number = np.arange(2 * HEIGHT * WIDTH).reshape(2, HEIGHT, WIDTH)
    colours = np.stack([number >> 16, number >> 8 & 255, number & 255], axis=-1).astype(np.uint8)
    monkeypatch.setattr(sklearn.datasets, "load_sample_images", lambda: Bunch(images=list(colours)))


def places(examples: ExampleSet) -> tuple[Tensor, Tensor, Tensor]:
    """The photograph, row and column of each pixel, (N, size, size) each, as its colour tells."""
    red, green, blue = examples.stored.long().unbind(1)
    number = 65536 * red + 256 * green + blue
    return number // (HEIGHT * WIDTH), number // WIDTH % HEIGHT, number % WIDTH


@pytest.mark.parametrize("size", [1, 8, 53])
@pytest.mark.usefixtures("numbered")
def test_a_patch_is_a_square_of_one_photograph_and_its_label_which(size: int) -> None:
    for examples in sets(patches(size=size, **COLOUR)):
        photograph, row, column = places(examples)
        assert torch.equal(photograph, examples.labels[:, None, None].expand_as(photograph))
        steps = torch.arange(size)
        assert torch.equal(row - row[:, :1, :1], steps[:, None].expand_as(row))
        assert torch.equal(column - column[:, :1, :1], steps.expand_as(column))


@pytest.mark.parametrize("size", [8, 30, TILE - MARGIN])
@pytest.mark.usefixtures("numbered")
def test_patches_of_two_sets_are_a_margin_apart(size: int) -> None:
    seen = torch.zeros(3, 2, HEIGHT, WIDTH)
    for which, examples in enumerate(sets(patches(size=size, n_train=1500, n_val=300, n_test=600, **COLOUR))):
        seen[(torch.tensor(which), *places(examples))] = 1
    around = torch.nn.functional.max_pool2d(seen, 2 * MARGIN + 1, stride=1, padding=MARGIN)
    assert (seen.sum(0) <= 1).all()
    assert ((seen > 0) & (around.sum(0) - around > 0)).sum() == 0


@pytest.mark.usefixtures("numbered")
def test_the_sets_share_out_the_tiles_of_each_photograph() -> None:
    tiles = []
    for examples in sets(patches(n_train=20_000, n_val=4_000, n_test=8_000, **COLOUR)):
        photograph, row, column = (place[:, 0, 0] for place in places(examples))
        which = torch.stack([photograph, row // TILE, column // TILE], 1).unique(dim=0)
        tiles.append([int((which[:, 0] == i).sum()) for i in (0, 1)])
        offsets = torch.stack([row % TILE, column % TILE])
        assert (int(offsets.min()), int(offsets.max())) == (0, TILE - MARGIN - 8)  # anywhere within a tile
    assert tiles == [[49, 49], [7, 7], [14, 14]]


@pytest.mark.usefixtures("numbered")
def test_patches_follow_from_the_split_seed_and_nothing_else() -> None:
    before = torch.get_rng_state()
    first, again, other = (patches(**COLOUR, **seeds) for seeds in ({"seed": 1}, {"seed": 2}, {"split_seed": 1}))
    assert torch.equal(before, torch.get_rng_state())
    for one, two in zip(sets(first), sets(again), strict=True):
        assert torch.equal(one.stored, two.stored)
    (_, row, column), (_, other_row, other_column) = places(first.test_set), places(other.test_set)
    tiles = [set(zip((r // TILE).flatten().tolist(), (c // TILE).flatten().tolist(), strict=True)) for r, c in ((row, column), (other_row, other_column))]  # fmt: skip  # noqa: E501
    assert tiles[0] != tiles[1]  # another seed draws other tiles, not only other places within them


def test_grey_is_the_luminance_of_colour() -> None:
    grey, colour = patches(), patches(**COLOUR)
    x = colour.train_set.stored.float()
    luminance = 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]
    assert (grey.train_set.stored[:, 0] - luminance).abs().max() <= 0.51
    assert (grey.train_set.shape, colour.train_set.shape) == ((1, 8, 8), (3, 8, 8))
    assert grey.train_set.values.dtype == torch.uint8
    assert len(grey.train_set.values) == 600  # not a view of every patch there is


def test_both_photographs_are_in_every_set_about_equally() -> None:
    for examples in sets(patches(n_train=4000, n_val=1000, n_test=1000)):
        assert examples.labels.float().mean().item() == pytest.approx(0.5, abs=0.06)
        assert examples.classes == ["china", "flower"]


@pytest.mark.parametrize("channels", [1, 3])
def test_whitened_training_patches_are_uncorrelated_but_for_the_ridge(channels: int) -> None:
    plain = patches(channels=channels, n_train=3000)
    data = patches(channels=channels, n_train=3000, whiten="zca", range=None)
    x = data.train_set.__getitems__(range(3000)).x.flatten(1).double()
    pixels = plain.train_set.__getitems__(range(3000)).x.flatten(1).double()
    variance = torch.linalg.eigvalsh(pixels.T.cov(correction=0))
    expected = variance / (variance + 0.1 * variance.mean())
    assert x.mean(0).abs().max() < 1e-4
    torch.testing.assert_close(torch.linalg.eigvalsh(x.T.cov(correction=0)), expected, atol=1e-3, rtol=0)


def test_whitening_is_fitted_on_the_training_patches_alone() -> None:
    plain, white = patches(), patches(whiten="zca", range=None)
    whitening = Whitening.fit(plain.train_set.__getitems__(range(600)).x)
    for before, after in zip(sets(plain), sets(white), strict=True):
        n = range(len(before))
        torch.testing.assert_close(after.__getitems__(n).x, whitening(before.__getitems__(n).x))


def test_whitening_is_the_root_that_changes_least() -> None:
    generator = torch.Generator().manual_seed(0)
    mixed = torch.randn(5_000, 6, generator=generator) @ torch.randn(6, 6, generator=generator) + 3
    matrix, covariance = Whitening.fit(mixed).matrix, mixed.T.cov(correction=0)
    ridge = 0.1 * covariance.diagonal().mean() * torch.eye(6)
    torch.testing.assert_close(matrix @ (covariance + ridge) @ matrix, torch.eye(6), atol=1e-4, rtol=0)
    torch.testing.assert_close(matrix, matrix.T)  # of all such matrices the one that is symmetric and positive
    assert torch.linalg.eigvalsh(matrix).min() > 0


def test_whitening_patches_that_are_all_alike_gives_no_nan() -> None:
    x = torch.full((5, 1, 3, 3), 0.5)
    assert torch.equal(Whitening.fit(x)(x), torch.zeros(5, 1, 3, 3))


@pytest.mark.parametrize(
    ("dials", "what"),
    [
        ({"size": 54}, r"data\.size=54: .* type data\.size=53 or less"),
        ({"whiten": "zca"}, r"data\.whiten=zca leaves values without ends; type data\.range=null beside it"),
        ({"whiten": "zca", "range": None, "binarize": "fixed"}, r"data\.binarize=fixed"),
        ({"shape": [1, 9, 9]}, r"data\.shape=\[1,9,9\], but the train examples of Patches are \[1,8,8\]"),
    ],
)
def test_what_cannot_be_cut_says_what_to_type(dials: dict[str, Any], what: str) -> None:
    with pytest.raises(UserError, match=what):
        patches(**dials)


@pytest.mark.parametrize("chosen", [["data.channels=3", "data.size=12"], ["data.whiten=zca", "data.range=null"]])
def test_an_epoch_of_training(tmp_path: Path, chosen: list[str]) -> None:
    small = ["data.n_train=300", "data.n_val=50", "data.n_test=50", "trainer.max_epochs=1"]
    assert run(tmp_path / "run", "data=patches", *chosen, *small, *NO_PICTURES)["status"] == "finished"
