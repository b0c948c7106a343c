"""Pictures of shapes: the factors do what they say."""

import math

import pytest
import torch
from torch import Tensor

from src.data import Synthetic
from src.data.images.shapes import KINDS, draw, hue_to_rgb
from src.errors import UserError

SIDE = 64


def synthetic(shape: list[int], n: int = 300, **changes: int) -> Synthetic:
    data = Synthetic(**{"shape": shape, "n_train": n, "n_val": 10, "n_test": 20} | changes)
    data.setup()
    return data


def light(kind: int, *, scale: list[float], rotation: list[float]) -> Tensor:
    """Pictures (N, SIDE, SIDE) in [0, 1] of one kind in the middle."""
    n = len(scale)
    factors = {"kind": torch.full((n,), kind), "x": torch.full((n,), 0.5), "y": torch.full((n,), 0.5)}
    factors |= {"scale": torch.tensor(scale), "rotation": torch.tensor(rotation)}
    return draw(factors, (1, SIDE, SIDE))[:, 0] / 255


def centroids(images: Tensor) -> tuple[Tensor, Tensor]:
    """The middle of the light as a share of width and height, (N,) each."""
    mass = images.float().sum(1)
    height, width = mass.shape[1:]
    x, y = (torch.arange(width) + 0.5) / width, (torch.arange(height) + 0.5) / height
    return (mass * x).sum((1, 2)) / mass.sum((1, 2)), (mass * y[:, None]).sum((1, 2)) / mass.sum((1, 2))


@pytest.mark.parametrize("shape", [[1, 28, 28], [3, 33, 47], [1, 65, 31]])
def test_the_light_stands_where_x_and_y_say(shape: list[int]) -> None:
    images = synthetic(shape).train_set
    x, y = centroids(images.stored)
    assert ((x - images.factors["x"]) * shape[2]).abs().max() < 0.3  # pixels
    assert ((y - images.factors["y"]) * shape[1]).abs().max() < 0.3


@pytest.mark.parametrize(("kind", "share"), enumerate([2.0, math.pi / 2, 3 * math.sqrt(3) / 4]), ids=KINDS)
def test_the_area_is_that_of_the_shape(kind: int, share: float) -> None:
    scales = [0.12, 0.2, 0.28]
    area = light(kind, scale=scales, rotation=[0.3] * 3).sum((1, 2))
    torch.testing.assert_close(area, share * (torch.tensor(scales) * SIDE) ** 2, rtol=0.03, atol=1)


@pytest.mark.parametrize(("kind", "turn"), enumerate([math.pi / 2, math.pi, 2 * math.pi / 3]), ids=KINDS)
def test_a_turn_keeps_the_area_and_comes_round(kind: int, turn: float) -> None:
    pictures = light(kind, scale=[0.28] * 5, rotation=[0.1 + part * turn for part in (0, 0.25, 0.5, 0.75, 1)])
    area = pictures.sum((1, 2))
    assert (area / area[0] - 1).abs().max() < 0.01
    torch.testing.assert_close(pictures[4], pictures[0], atol=0.01, rtol=0)
    assert all((picture - pictures[0]).abs().sum() > 0.1 * area[0] for picture in pictures[1:4])


def test_rotation_is_clockwise_in_radians() -> None:
    flat, turned, upright = light(1, scale=[0.28] * 3, rotation=[0.0, math.pi / 4, math.pi / 2])
    assert flat.sum(0).count_nonzero() > 1.8 * flat.sum(1).count_nonzero()
    torch.testing.assert_close(upright, flat.T, atol=0.01, rtol=0)
    assert turned[SIDE // 2 :, SIDE // 2 :].sum() > 2 * turned[: SIDE // 2, SIDE // 2 :].sum()


def test_the_label_is_the_kind() -> None:
    images = synthetic([1, SIDE, SIDE], n=600).train_set
    assert images.classes == ["square", "ellipse", "triangle"]
    assert torch.equal(images.labels, images.factors["kind"])
    assert torch.bincount(images.labels).min() > 150
    radius = images.factors["scale"] * SIDE
    area = images.stored.float().sum((1, 2, 3)) / 255 / radius**2
    assert [round(area[images.labels == kind].mean().item(), 1) for kind in range(3)] == [2.0, 1.6, 1.3]


def test_every_shape_lies_within_its_picture() -> None:
    images = synthetic([1, SIDE, SIDE], n=1000).train_set.stored[:, 0]
    border = torch.cat([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], dim=1)
    assert border.max() == 0


def test_the_colour_is_the_hue() -> None:
    images = synthetic([3, 32, 32]).train_set
    brightest = images.stored.flatten(2).amax(2).float() / 255
    torch.testing.assert_close(brightest, hue_to_rgb(images.factors["hue"]), atol=0.01, rtol=0)
    thirds = hue_to_rgb(torch.tensor([0, 1 / 6, 1 / 3, 2 / 3]))
    torch.testing.assert_close(thirds, torch.tensor([[1.0, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]]))
    assert "hue" not in synthetic([1, 32, 32]).train_set.factors


@pytest.mark.parametrize("shape", [[1, 7, 7], [3, 8, 9], [1, 1, 1], [3, 15, 4]])
def test_any_size_is_drawn(shape: list[int]) -> None:
    data = synthetic(shape)
    assert data.train_set.__getitems__([0, 1]).x.shape == (2, *shape)
    assert [len(s) for s in (data.train_set, data.val_set, data.test_set)] == [300, 10, 20]


def test_pictures_follow_from_the_split_seed_and_nothing_else() -> None:
    before = torch.get_rng_state()
    first, again, other = (synthetic([1, 16, 16], **seeds) for seeds in ({"seed": 1}, {"seed": 2}, {"split_seed": 1}))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first.train_set.stored, again.train_set.stored)
    assert not torch.equal(first.train_set.stored, other.train_set.stored)
    assert not torch.equal(first.train_set.stored[:10], first.val_set.stored)


def test_factors_stay_with_their_pictures_under_a_limit() -> None:
    limited, whole = synthetic([1, 16, 16], limit=50).train_set, synthetic([1, 16, 16]).train_set
    places = torch.arange(50) * len(whole) // 50
    assert torch.equal(limited.stored, whole.stored[places])
    assert all(torch.equal(values, whole.factors[name][places]) for name, values in limited.factors.items())


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = synthetic([3, 16, 16], n=50).train_set.stored
    monkeypatch.setattr("src.data.images.shapes.CHUNK_PIXELS", 16 * 16 * 7)
    assert torch.equal(synthetic([3, 16, 16], n=50).train_set.stored, whole)


@pytest.mark.parametrize("shape", [[2, 28, 28], [28, 28], [1, 1, 28, 28]])
def test_a_shape_that_cannot_be_drawn_says_what_to_type(shape: list[int]) -> None:
    with pytest.raises(UserError, match=r"1 channel \(grey\) or 3 \(colour\); type for example"):
        Synthetic(shape=shape)
