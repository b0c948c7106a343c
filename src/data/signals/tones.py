"""Tones made on the spot, of three timbres with known factors."""

import math

import torch
from torch import Tensor

TIMBRES = ("pure", "hollow", "bright")
"""A sine; odd harmonics, as a clarinet has; all harmonics, as a violin has."""
PITCH = (110.0, 880.0)
"""Hz, three octaves."""
AMPLITUDE = (0.1, 0.9)
HARMONICS = 12


def draw(n: int, length: int, sample_rate: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
    """Tones (n, length), and what they are made from, (n,) each: `timbre`, an index of TIMBRES, `pitch`, `amplitude`.

    Pitch is uniform in octaves; a low sample rate lowers all of them below a quarter of itself.
    """
    timbre = torch.randint(len(TIMBRES), (n,), generator=generator)
    pitch, amplitude, phase = torch.rand(3, n, generator=generator)
    highest = min(PITCH[1], sample_rate / 4)
    factors = {
        "timbre": timbre,
        "pitch": highest * (PITCH[0] / PITCH[1]) ** pitch,
        "amplitude": AMPLITUDE[0] + (AMPLITUDE[1] - AMPLITUDE[0]) * amplitude,
    }
    return tone(**factors, phase=2 * math.pi * phase, length=length, sample_rate=sample_rate), factors


def tone(timbre: Tensor, pitch: Tensor, amplitude: Tensor, phase: Tensor, length: int, sample_rate: int) -> Tensor:
    """Tones (n, length) of the power of a sine of this amplitude; all others (n,), phase in radians.

    Harmonic k has the amplitude 1/k of the first; those above half the sample rate are left out.
    """
    angle = 2 * math.pi * pitch[:, None] * (torch.arange(length) / sample_rate) + phase[:, None]
    sound, power = torch.zeros_like(angle), torch.zeros_like(pitch)
    for k in range(1, HARMONICS + 1):
        there = (timbre == 2) | (k == 1) | ((timbre == 1) & (k % 2 == 1))
        weight = (there & (k * pitch < sample_rate / 2)) / k
        sound += weight[:, None] * torch.sin(k * angle)
        power += weight.square()
    return sound * (amplitude / power.sqrt())[:, None]
