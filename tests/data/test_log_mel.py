"""Log-mel pictures and tones against closed forms."""

import math

import pytest
import torch
from torch import Tensor

from src.data.signals.log_mel import FLOOR, LogMel, filterbank, spectrum, to_hertz, to_mel
from src.data.signals.tones import TIMBRES, draw, tone
from src.errors import UserError

RATE = 16_000
WINDOW = 1024


def sine(hertz: float, amplitude: float = 1.0, length: int = 4096) -> Tensor:
    return (amplitude * torch.sin(2 * math.pi * hertz * torch.arange(length, dtype=torch.float64) / RATE)).float()[None]


def peaks(mels: int) -> Tensor:
    """Where the bands peak, in Hz, and the ends of the first and the last, (mels + 2,)."""
    highest = 2595 * math.log10(1 + RATE / 2 / 700)
    return torch.tensor([700 * (10 ** (highest * i / (mels + 1) / 2595) - 1) for i in range(mels + 2)])


def test_a_thousand_hertz_are_a_thousand_mels() -> None:
    assert to_mel(torch.tensor(1000.0)).item() == pytest.approx(1000, abs=0.1)
    assert to_mel(torch.tensor(0.0)) == 0
    f = torch.linspace(0, 20_000, 50, dtype=torch.float64)
    torch.testing.assert_close(to_hertz(to_mel(f)), f)


@pytest.mark.parametrize("mels", [10, 40])
def test_bands_are_triangles_evenly_spaced_in_mel(mels: int) -> None:
    bank, at, spacing = filterbank(RATE, mels, 8 * WINDOW), peaks(mels), RATE / (8 * WINDOW)
    frequencies = torch.arange(bank.shape[1]) * spacing
    assert ((frequencies[bank.argmax(1)] - at[1:-1]).abs() <= spacing).all()
    area = bank.sum(1) * spacing  # half the base, for a height of 1
    torch.testing.assert_close(area, (at[2:] - at[:-2]) / 2, rtol=0.01, atol=0)
    middle = (bank * frequencies).sum(1) / bank.sum(1)  # of a triangle: the mean of its corners
    torch.testing.assert_close(middle, (at[:-2] + at[1:-1] + at[2:]) / 3, rtol=0.01, atol=0)


def test_between_the_first_peak_and_the_last_weights_add_up_to_one() -> None:
    bank, at = filterbank(RATE, 40, WINDOW), peaks(40)
    frequencies = torch.arange(bank.shape[1]) * RATE / WINDOW
    within = (frequencies >= at[1]) & (frequencies <= at[-2])
    torch.testing.assert_close(bank.sum(0)[within], torch.ones(int(within.sum())))
    torch.testing.assert_close(bank.sum(0)[[0, -1]], torch.zeros(2))


@pytest.mark.parametrize("amplitude", [1.0, 0.1])
def test_the_spectrum_of_a_sine_is_its_power_at_its_frequency(amplitude: float) -> None:
    power = spectrum(sine(64 * RATE / WINDOW, amplitude), WINDOW, 256)
    assert power.shape == (1, WINDOW // 2 + 1, 1 + (4096 - WINDOW) // 256)
    torch.testing.assert_close(power[0, 64], torch.full((13,), amplitude**2), rtol=1e-3, atol=0)
    # the Hann window gives a quarter of the power to each neighbour, and nothing to others
    torch.testing.assert_close(power[0, [63, 65]], torch.full((2, 13), amplitude**2 / 4), rtol=1e-3, atol=0)
    assert power[0, [20, 60, 68, 300]].max() < 1e-6 * amplitude**2


@pytest.mark.parametrize("band", [3, 12, 25, 38])
def test_a_tone_is_loudest_in_the_band_of_its_pitch(band: int) -> None:
    picture = LogMel(RATE, 40, WINDOW, 256)(sine(peaks(40)[band + 1].item()))
    assert picture.shape == (1, 40, 13)
    assert picture[0].argmax(0).unique().tolist() == [band]
    assert -2.5 < picture[0, band].min() <= picture[0, band].max() < 1.8  # the pitch falls between two frequencies


def test_a_tenth_of_the_amplitude_is_twenty_decibels_less() -> None:
    log_mel = LogMel(RATE, 40, WINDOW, 256)
    loud, soft = log_mel(sine(1000))[0], log_mel(sine(1000, 0.1))[0]
    band = int(loud[:, 0].argmax())
    torch.testing.assert_close(loud[band] - soft[band], torch.full((13,), 20.0), atol=0.01, rtol=0)
    assert log_mel(torch.zeros(2, 4096)).unique().tolist() == [FLOOR]


def test_a_change_of_pitch_shows_in_its_frame() -> None:
    sound = torch.cat([sine(300, length=4096), sine(3000, length=4096)], dim=1)
    picture = LogMel(RATE, 40, 512, 512)(sound)[0]
    lower, higher = (int((peaks(40)[1:-1] - f).abs().argmin()) for f in (300, 3000))
    assert picture.argmax(0).tolist() == [lower] * 8 + [higher] * 8


def test_bands_without_a_frequency_are_refused_with_a_window_that_works() -> None:
    with pytest.raises(UserError, match=r"data\.mels=80 are too many .*; type data\.window=512, or fewer"):
        LogMel(RATE, 80, 256, 64)
    LogMel(RATE, 80, 512, 64)


def test_tones_have_their_pitch_power_and_harmonics() -> None:
    sound, factors = draw(300, RATE, RATE, torch.Generator().manual_seed(0))  # a second: a bin is a Hz
    power = torch.fft.rfft(sound).abs().square() * (2 / RATE) ** 2
    torch.testing.assert_close(sound.square().mean(1), factors["amplitude"].square() / 2, rtol=0.02, atol=0)
    fundamental = power[:, 50:900].argmax(1) + 50
    assert (fundamental - factors["pitch"]).abs().max() <= 1

    def at(k: int) -> Tensor:
        place = (k * factors["pitch"]).round().long()
        return torch.stack([power.gather(1, (place + i)[:, None])[:, 0] for i in range(-2, 3)]).sum(0)

    second, third = at(2) / at(1), at(3) / at(1)
    for timbre, (two, three) in enumerate([(0.0, 0.0), (0.0, 1 / 9), (1 / 4, 1 / 9)]):
        rows = factors["timbre"] == timbre
        assert rows.sum() > 60
        torch.testing.assert_close(second[rows], torch.full((int(rows.sum()),), two), atol=0.04, rtol=0)
        torch.testing.assert_close(third[rows], torch.full((int(rows.sum()),), three), atol=0.04, rtol=0)


def test_no_harmonic_lies_above_half_the_rate() -> None:
    bright = torch.tensor([TIMBRES.index("bright")])
    sound = tone(bright, torch.tensor([900.0]), torch.ones(1), torch.zeros(1), 2000, 2000)
    power = torch.fft.rfft(sound)[0].abs().square()
    assert power[900] / power.sum() > 0.999
