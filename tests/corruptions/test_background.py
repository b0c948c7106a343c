"""Noise behind a sound: how strong, and of which colour."""

import math

import pytest
import torch

from src.corruptions import Background
from src.noise import FreshNoise
from src.schedules import Linear
from tests.corruptions.every import examples, indexed

N = 20


@pytest.mark.parametrize("colour", ["white", "pink", "brown"])
@pytest.mark.parametrize("snr", [-10.0, 0.0, 7.5, 40.0])
@pytest.mark.parametrize("shape", [(1, 256), (2, 255), (3, 2)])
def test_the_ratio_is_exact_in_each_example(colour: str, snr: float, shape: tuple[int, int]) -> None:
    x = examples(N, shape).double() * torch.logspace(-3, 2, N)[:, None, None].double()
    noisy, kept = Background(snr, colour)(x, indexed(N))  # type: ignore[arg-type]
    ratio = x.square().mean((1, 2)) / (noisy - x).square().mean((1, 2))
    assert kept is None
    torch.testing.assert_close(10 * ratio.log10(), torch.full((N,), snr, dtype=torch.float64), rtol=0, atol=1e-3)


def test_silence_stays_silent_and_one_step_has_no_noise() -> None:
    silence = torch.zeros(3, 1, 64)
    assert torch.equal(Background(0.0)(silence, FreshNoise())[0], silence)
    step = torch.ones(3, 1, 1)
    assert torch.equal(Background(0.0)(step, FreshNoise())[0], step)


@pytest.mark.parametrize(("colour", "slope"), [("white", 0.0), ("pink", -1.0), ("brown", -2.0)])
def test_power_falls_with_frequency_as_the_colour_says(colour: str, slope: float) -> None:
    x = torch.ones(400, 1, 512, dtype=torch.float64)
    noise = Background(0.0, colour)(x, indexed(400))[0] - x  # type: ignore[arg-type]
    assert float(noise.mean(2).abs().max()) < 1e-6
    f = torch.arange(10, 256)  # the lowest are what brown noise is mostly made of, which the exact ratio holds fixed
    power = torch.fft.rfft(noise).abs().square().mean((0, 1))[f]
    line = torch.stack([f.double().log(), torch.ones(len(f))], 1).double()
    found = torch.linalg.lstsq(line, power.log()[:, None]).solution[0]
    # the logarithm of a mean of 400 exponential powers is off by 1 / sqrt(400) at each frequency
    error = 1 / math.sqrt(400 * len(f)) / float(line[:, 0].std())
    assert float(found) == pytest.approx(slope, abs=4 * error)


def test_channels_have_noise_of_their_own() -> None:
    x = torch.ones(100, 2, 64)
    a, b = (Background(0.0)(x, indexed(100))[0] - x).transpose(0, 1).flatten(1)
    assert abs(float(torch.corrcoef(torch.stack([a, b]))[0, 1])) < 4 / math.sqrt(6400)


def test_the_ratio_follows_a_schedule() -> None:
    corruption, x = Background(Linear(40.0, -5.0)), examples(N, (1, 100))
    for progress, wanted in ((0.0, 40.0), (0.5, 17.5), (1.0, -5.0)):
        corruption.progress = progress
        ratio = x.square().mean((1, 2)) / (corruption(x, indexed(N))[0] - x).square().mean((1, 2))
        torch.testing.assert_close(10 * ratio.log10(), torch.full((N,), wanted), rtol=0, atol=0.01)
