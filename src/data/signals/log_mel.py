"""Sound as a picture: how loud each band of pitch is over time."""

import torch
from torch import Tensor

from src.errors import UserError

FLOOR = -80.0
"""dB: nothing is quieter."""


class LogMel:
    """Windows of sound (N, length) as decibels (N, mels, frames), the lowest band first.

    A frame is the power spectrum of `window` samples under a Hann window, without padding, so there are
    1 + (length - window) // hop. The bands add it up (`filterbank`). A sine of amplitude 1 at the peak of a band has 0
    dB there, up to 1.8 in a wide one (the window spreads it); nothing lies below `FLOOR`.

    Raises:
        UserError: a band is so narrow that it holds no frequency of the spectrum.
    """

    def __init__(self, sample_rate: int, mels: int, window: int, hop: int) -> None:
        self.window, self.hop = window, hop
        self.bank = filterbank(sample_rate, mels, window)
        empty = _empty(self.bank)
        if empty:
            wide = 2 * window
            while _empty(filterbank(sample_rate, mels, wide)):
                wide *= 2
            raise UserError(
                f"data.mels={mels} are too many for data.window={window} at data.sample_rate={sample_rate}: {empty} of "
                f"the bands hold no frequency; type data.window={wide}, or fewer data.mels."
            )

    def __call__(self, sound: Tensor) -> Tensor:
        power = spectrum(sound, self.window, self.hop)
        return (10 * torch.log10(self.bank @ power)).clamp(min=FLOOR)


def spectrum(sound: Tensor, window: int, hop: int) -> Tensor:
    """The power (N, window // 2 + 1, frames) of sound (N, length): 1 for a sine of amplitude 1 at its frequency."""
    hann = torch.hann_window(window)
    waves = torch.stft(sound, window, hop, window=hann, center=False, return_complex=True)
    return torch.view_as_real(waves).square().sum(-1) * (2 / hann.sum()) ** 2


def filterbank(sample_rate: int, mels: int, window: int) -> Tensor:
    """The weights (mels, window // 2 + 1) of each frequency of the spectrum in each band.

    Bands are triangles with peaks of 1, each from the peak of the one before to the peak of the one after; the peaks
    are evenly spaced in mel from 0 to half the sample rate. So between the first peak and the last all weights of a
    frequency add up to 1. Davis & Mermelstein, "Comparison of parametric representations for monosyllabic word
    recognition", 1980, in the form of HTK.
    """
    highest = to_mel(torch.tensor(sample_rate / 2, dtype=torch.float64)).item()
    peaks = to_hertz(torch.linspace(0, highest, mels + 2, dtype=torch.float64))
    below, here, above = (peaks[i : mels + i, None] for i in range(3))
    frequencies = torch.arange(window // 2 + 1, dtype=torch.float64) * sample_rate / window
    rising, falling = (frequencies - below) / (here - below), (above - frequencies) / (above - here)
    return torch.minimum(rising, falling).clamp(min=0).float()


def _empty(bank: Tensor) -> int:
    """How many bands hold no frequency, up to rounding."""
    return int((bank.sum(1) < 1e-6).sum())


def to_mel(hertz: Tensor) -> Tensor:
    """2595 log10(1 + f / 700): equal steps sound equally far (O'Shaughnessy, "Speech Communication", 1987)."""
    return 2595 * torch.log10(1 + hertz / 700)


def to_hertz(mel: Tensor) -> Tensor:
    """The way back."""
    return 700 * (10 ** (mel / 2595) - 1)
