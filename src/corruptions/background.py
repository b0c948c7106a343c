"""Noise behind a sound."""

from typing import Literal

import torch
from torch import Tensor

from src.contracts import Noise, full_precision
from src.corruptions.base import Corruption
from src.corruptions.strength import Strength
from src.schedules import Schedule

_SLOPES = {"white": 0.0, "pink": 0.5, "brown": 1.0}
"""The amplitude falls as frequency to the power of minus this; power falls by 0, 3 and 6 dB an octave."""
LOUDEST = -200.0
"""dB: noise of 1e10 times the signal's size. Float32 holds no more than about 1e38."""


class Background(Corruption):
    """x + noise, the noise `snr` dB weaker than the signal of each example: 10 log10(mean x^2 / mean noise^2) = snr.

    The power of both is that about 0 (silence), over all channels; each channel has noise of its own, without a
    constant part. Where x is silent so is the noise. Nothing is clipped, so the ratio is exact.

    Args:
        snr: signal-to-noise ratio in dB, a number (below 0 too, down to `LOUDEST`) or a schedule.
        colour: of the noise: "white" has the same power at all frequencies, "pink" 1 / f, "brown" 1 / f^2.
    """

    config_name = "background"
    works_on = (2,)
    instead = "corruption=gaussian, which works on all data"

    def __init__(self, snr: float | Schedule, colour: Literal["white", "pink", "brown"] = "white") -> None:
        super().__init__()
        self.snr = Strength("corruption.background.snr", snr, low=LOUDEST)
        self.colour = colour

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        exact = full_precision(x)
        with torch.autocast(x.device.type, enabled=False):
            added = _shaped(noise.normal(exact), _SLOPES[self.colour])
        ratio = 10 ** (-self.snr.now / 20) * exact.square().mean((1, 2)).sqrt()
        scale = ratio / added.square().mean((1, 2)).sqrt().clamp(min=1e-7)
        return (exact + scale[:, None, None] * added).to(x.dtype), None


def _shaped(white: Tensor, slope: float) -> Tensor:
    """White noise (B, C, L) with the amplitude at frequency f times f^-slope, and none at 0."""
    spectrum = torch.fft.rfft(white)
    f = torch.arange(spectrum.shape[-1], device=white.device, dtype=white.dtype)
    gain = torch.where(f > 0, f.clamp(min=1) ** -slope, 0.0)
    return torch.fft.irfft(spectrum * gain, n=white.shape[-1])
