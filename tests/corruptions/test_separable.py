"""Blurring and downsampling against their definitions."""

import math

import pytest
import torch
from torch.nn import functional as F

from src.corruptions import Blur, Downsample
from src.errors import UserError
from src.noise import FreshNoise
from tests.corruptions.every import examples

NOISE = FreshNoise()


@pytest.mark.parametrize("std", [0.5, 1.0, 2.5])
def test_a_point_becomes_the_gaussian(std: float) -> None:
    point = torch.zeros(1, 2, 41, 31)
    point[:, 1, 20, 15] = 1
    blurred, kept = Blur(std)(point, NOISE)
    assert kept is None
    rows, columns = torch.arange(41) - 20, torch.arange(31) - 15
    gaussian = (-(rows[:, None] ** 2 + columns**2) / (2 * std**2)).exp()
    torch.testing.assert_close(blurred[0, 1], gaussian / gaussian.sum(), rtol=1e-3, atol=1e-6)
    assert not blurred[0, 0].any()


def test_blurring_a_plane_changes_it_at_the_border_only_and_a_constant_nowhere() -> None:
    plane = torch.arange(40.0).expand(1, 1, 40, 40)
    blurred, _ = Blur(1.0)(plane, NOISE)
    torch.testing.assert_close(blurred[..., 8:-8], plane[..., 8:-8])
    assert (blurred[..., 0] > plane[..., 0]).all()
    constant = torch.full((1, 3, 15, 11), 0.7)
    torch.testing.assert_close(Blur(3.0)(constant, NOISE)[0], constant)


def test_two_blurs_add_up_in_variance() -> None:
    point = torch.zeros(1, 1, 61, 61)
    point[..., 30, 30] = 1
    twice = Blur(2.0)(Blur(1.5)(point, NOISE)[0], NOISE)[0]
    torch.testing.assert_close(twice, Blur(2.5)(point, NOISE)[0], rtol=1e-3, atol=1e-7)


def test_no_blur_is_the_identity_and_a_boundless_one_the_mean() -> None:
    x = examples(3, (2, 9, 7))
    assert torch.equal(Blur(0.0)(x, NOISE)[0], x)
    mean = x.mean((2, 3), keepdim=True).expand_as(x)
    torch.testing.assert_close(Blur(1e4)(x, NOISE)[0], mean, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("back", ["nearest", "bilinear"])
@pytest.mark.parametrize("factor", [2, 3, 4])
def test_downsampling_is_area_averaging_and_enlarging(factor: int, back: str) -> None:
    x = examples(3, (2, 24, 12))
    small = F.avg_pool2d(x, factor)
    wanted = F.interpolate(small, scale_factor=factor, mode=back)
    found, kept = Downsample(factor, back)(x, NOISE)  # type: ignore[arg-type]
    assert kept is None
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("back", ["nearest", "bilinear"])
def test_a_constant_stays_and_the_blocks_at_odd_ends_are_what_is_left(back: str) -> None:
    constant = torch.full((2, 1, 15, 11), 0.7)
    torch.testing.assert_close(Downsample(4, back)(constant, NOISE)[0], constant)  # type: ignore[arg-type]
    x = examples(2, (1, 15, 11))
    nearest = Downsample(4)(x, NOISE)[0]
    corner = x[..., 12:, 8:].mean((2, 3), keepdim=True)
    torch.testing.assert_close(nearest[..., 12:, 8:], corner.expand(2, 1, 3, 3))


def test_series_are_blurred_and_averaged_along_time() -> None:
    x = examples(2, (3, 12))
    torch.testing.assert_close(Downsample(4)(x, NOISE)[0][..., 4:8], x[..., 4:8].mean(2, keepdim=True).expand(2, 3, 4))
    point = torch.zeros(1, 1, 31)
    point[..., 15] = 1
    found = Blur(2.0)(point, NOISE)[0][0, 0]
    assert float(found.max()) == pytest.approx(1 / (2 * math.sqrt(2 * math.pi)), rel=1e-3)


def test_a_factor_larger_than_the_image_is_refused() -> None:
    Downsample(11).check((1, 15, 11))
    with pytest.raises(UserError, match=r"factor=12 leaves nothing of examples of \[1, 15, 11\]\. Use 11 or less"):
        Downsample(12).check((1, 15, 11))
