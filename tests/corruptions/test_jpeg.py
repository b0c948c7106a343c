"""JPEG's lossy step against libjpeg and against its definition."""

import io
import math

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_image
from torch import Tensor

from src.corruptions import Jpeg
from src.corruptions.colour import to_rgb, to_ycbcr
from src.corruptions.jpeg import _dct
from src.noise import FreshNoise
from src.schedules import Linear
from tests.corruptions.every import RANGE, examples

NOISE = FreshNoise()
PHOTO = load_sample_image("china.jpg")[100:221, 200:333]


def picture(mode: str) -> tuple[Image.Image, Tensor]:
    image = Image.fromarray(PHOTO).convert(mode)
    return image, torch.from_numpy(np.array(image)).view(121, 133, -1).permute(2, 0, 1)[None].float() / 255


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("quality", [1, 5, 20, 49, 50, 75, 100])
def test_pictures_come_out_as_libjpeg_has_them_up_to_its_rounding(mode: str, quality: int) -> None:
    image, x = picture(mode)
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=quality, subsampling=0)
    theirs = torch.from_numpy(np.array(Image.open(packed))).view(121, 133, -1).permute(2, 0, 1).float()
    ours = Jpeg(quality, [0.0, 1.0])(x, NOISE)[0][0] * 255
    lost = float((theirs - 255 * x[0]).abs().mean())
    assert float((ours - theirs).abs().mean()) < (0.55 + 0.05 * lost if mode == "L" else 0.65 + 0.12 * lost)
    assert float((ours - theirs).abs().median()) < 1


def test_at_full_quality_nothing_is_lost_but_half_a_level_a_frequency() -> None:
    _, x = picture("L")
    error = (Jpeg(100, [0.0, 1.0])(x, NOISE)[0] - x) * 255
    assert float(error.abs().max()) < 4 + 0.01  # 64 frequencies, each at most half a level off: 8 * 0.5
    assert float(error.square().mean().sqrt()) == pytest.approx(math.sqrt(1 / 12), rel=0.05)


@pytest.mark.parametrize("quality", [1, 30, 95])
def test_once_rounded_stays_rounded(quality: int) -> None:
    x = (picture("L")[1][..., :120, :128] - 0.5) * 0.3 + 0.5  # far from the ends, at which it would be clipped
    once = Jpeg(quality, [0.0, 1.0])(x, NOISE)[0]
    if float(once.min()) > 0 and float(once.max()) < 1:
        torch.testing.assert_close(Jpeg(quality, [0.0, 1.0])(once, NOISE)[0], once, rtol=0, atol=1e-4)
    else:
        assert quality == 1


def test_the_transform_is_orthonormal_and_its_first_frequency_the_mean() -> None:
    dct = _dct(torch.zeros(1, dtype=torch.float64))
    torch.testing.assert_close(dct @ dct.T, torch.eye(64, dtype=torch.float64))
    torch.testing.assert_close(dct[0], torch.full((64,), 1 / 8, dtype=torch.float64))
    wave = torch.cos(math.pi / 8 * 3 * (torch.arange(8) + 0.5)).double()
    found = dct @ wave.expand(8, 8).flatten()
    assert found.abs().argmax() == 3  # along a row of pixels; row by row, the frequency stands in the first row
    assert found.abs().sum() == pytest.approx(float(found.abs().max()))


@pytest.mark.parametrize(("quality", "percent"), [(1, 5000), (10, 500), (49, 102), (50, 100), (75, 50), (100, 0)])
def test_steps_are_scaled_as_libjpeg_does(quality: int, percent: int) -> None:
    corruption = Jpeg(quality, RANGE)
    wanted = [min(255, max(1, (int(step) * percent + 50) // 100)) for step in corruption.tables.flatten()]
    steps = corruption._steps(torch.zeros(1, 3, 8, 8)).flatten(1)
    assert steps[0].tolist() == wanted[:64]
    assert steps[1].tolist() == steps[2].tolist() == wanted[64:]
    assert corruption._steps(torch.zeros(1, 2, 8, 8)).flatten().tolist() == wanted[:64]


def test_a_flat_image_is_off_by_half_a_step_at_most_in_any_range_and_size() -> None:
    for value in (-1.0, -0.3, 0.8, 2.0):
        flat = torch.full((2, 1, 5, 11), value)
        found, kept = Jpeg(50, RANGE)(flat, NOISE)
        assert kept is None
        assert torch.allclose(found, found[:1, :, :1, :1].expand_as(found), atol=1e-5)
        assert (found - flat).abs().max() <= 3 / 255 * (16 / 8 / 2 + 0.01)


def test_a_grey_picture_of_three_channels_stays_grey() -> None:
    x = picture("L")[1].expand(-1, 3, -1, -1)
    found = Jpeg(20, [0.0, 1.0])(x, NOISE)[0]
    torch.testing.assert_close(found, Jpeg(20, [0.0, 1.0])(x[:, :1], NOISE)[0].expand_as(x), rtol=0, atol=1e-3)


def test_colours_and_back_are_the_identity_and_as_pillow_has_them() -> None:
    image, x = picture("RGB")
    torch.testing.assert_close(to_rgb(to_ycbcr(x)), x)
    theirs = torch.from_numpy(np.array(image.convert("YCbCr"))).permute(2, 0, 1).float()
    ours = to_ycbcr(x * 255)[0] + torch.tensor([0, 128, 128])[:, None, None]
    assert (ours - theirs).abs().max() < 1.01


def test_the_lower_the_quality_the_more_is_lost_and_it_follows_a_schedule() -> None:
    x = picture("RGB")[1]
    lost = [float((Jpeg(q, [0.0, 1.0])(x, NOISE)[0] - x).square().mean()) for q in (5, 20, 50, 90, 100)]
    assert lost == sorted(lost, reverse=True)
    corruption = Jpeg(Linear(100, 5), [0.0, 1.0])
    for progress, wanted in ((0.0, 4), (1.0, 0)):
        corruption.progress = progress
        assert float((corruption(x, NOISE)[0] - x).square().mean()) == pytest.approx(lost[wanted], rel=1e-4)


def test_a_tie_is_decided_alike_in_any_batch() -> None:
    level = torch.full((1, 1, 8, 8), 129 / 255)  # at quality 50 its mean is half of the first step, 16 / 8
    one = Jpeg(50, [0.0, 1.0])(level, NOISE)[0]
    for n in (2, 7, 64):
        torch.testing.assert_close(Jpeg(50, [0.0, 1.0])(level.expand(n, 1, 8, 8), NOISE)[0], one.expand(n, 1, 8, 8))
    assert (Jpeg(50, [-1.0, 2.0])(examples(2, (1, 8, 8)), NOISE)[0] <= 2.0).all()
