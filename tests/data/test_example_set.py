"""Batches cut by index, the range, and black-and-white pixels."""

import itertools

import pytest
import torch
from torch import Tensor

from src.data import ExampleSet
from src.data.example_set import Binarize


@pytest.fixture
def pixels() -> Tensor:
    return torch.randint(256, (50, 3, 5, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def flat_grey(level: int, binarize: Binarize, training: bool, seed: int = 0) -> ExampleSet:
    images = torch.full((200, 1, 10, 10), level, dtype=torch.uint8)
    draws = itertools.count()  # another number each time, as from epoch to epoch
    draw = (lambda: next(draws)) if training else None
    return ExampleSet(images, torch.zeros(200).long(), binarize=binarize, draw=draw, seed=seed)


@pytest.mark.parametrize("indices", [[3, 0, 49, 3], torch.tensor([3, 0, 49, 3])], ids=["list", "tensor"])
def test_a_batch_is_the_raw_images_at_those_indices(pixels: Tensor, indices: list[int] | Tensor) -> None:
    x, y, index = ExampleSet(pixels, torch.arange(50)).__getitems__(indices)
    assert x.dtype == torch.float32
    assert torch.equal(x, pixels[[3, 0, 49, 3]].float() / 255)
    assert y.tolist() == index.tolist() == [3, 0, 49, 3]


def test_one_image_is_its_row_of_a_batch(pixels: Tensor) -> None:
    images = ExampleSet(pixels, torch.arange(50))
    assert torch.equal(images[7].x, images.__getitems__([7]).x[0])
    assert images[-1].index == 49
    with pytest.raises(IndexError):
        images[50]


def test_batches_pass_through_the_set_in_order(pixels: Tensor) -> None:
    images = ExampleSet(pixels, torch.arange(50))
    batches = list(images.batches(16))
    assert [len(batch.x) for batch in batches] == [16, 16, 16, 2]
    assert torch.equal(torch.cat([batch.index for batch in batches]), torch.arange(50))
    assert torch.equal(torch.cat([batch.x for batch in batches]), pixels.float() / 255)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-1.0, 1.0), (-2.0, 3.0)])
@pytest.mark.parametrize("scale", [16, 255])
def test_stored_values_map_affinely_to_the_range(ends: tuple[float, float], scale: int) -> None:
    ramp = torch.arange(scale + 1, dtype=torch.uint8).view(-1, 1, 1, 1)
    x = ExampleSet(ramp, torch.zeros(scale + 1).long(), scale=scale, range=ends).__getitems__(range(scale + 1)).x
    assert (x[0].item(), x[-1].item()) == ends
    torch.testing.assert_close(x.flatten(), torch.linspace(*ends, scale + 1))


@pytest.mark.parametrize("binarize", ["dynamic", "fixed"])
@pytest.mark.parametrize("training", [True, False])
def test_pixels_are_white_as_often_as_they_are_bright(binarize: Binarize, training: bool) -> None:
    for level in (0, 51, 204, 255):
        x = flat_grey(level, binarize, training).__getitems__(range(200)).x
        assert set(x.unique().tolist()) <= {0.0, 1.0}
        assert x.mean().item() == pytest.approx(level / 255, abs=0.015)  # 4 standard errors of 20,000 pixels


def test_binary_pixels_stand_at_the_ends_of_the_range() -> None:
    images = flat_grey(128, "fixed", training=True)
    images.range = (-1.0, 1.0)
    assert images.__getitems__(range(50)).x.unique().tolist() == [-1.0, 1.0]


@pytest.mark.parametrize(
    ("binarize", "training", "repeats"),
    [("fixed", True, True), ("fixed", False, True), ("dynamic", True, False), ("dynamic", False, True)],
)
def test_which_pixels_repeat(binarize: Binarize, training: bool, repeats: bool) -> None:
    images = flat_grey(128, binarize, training)
    first, again = images.__getitems__([4, 5]).x, images.__getitems__([5, 4]).x.flip(0)
    assert torch.equal(first, again) == repeats
    assert not torch.equal(first[0], first[1])


def test_repeating_pixels_follow_from_the_seed() -> None:
    one, other = (flat_grey(128, "fixed", True, seed).__getitems__(range(200)).x for seed in (1, 2))
    assert (one == other).float().mean().item() == pytest.approx(0.5, abs=0.015)
