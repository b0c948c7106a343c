"""Series made on the spot, with known factors: sines, chirps, autoregressive processes, electrocardiograms.

Time is in seconds, at `RATE` samples each.
"""

import math

import torch
from torch import Tensor

KINDS = ("sines", "chirps", "ar", "ecg")
RATE = 100.0
"""Samples a second."""
FREQUENCY = (1.0, 10.0)
"""Hz, of all but hearts."""
HEART = (50 / 60, 120 / 60)
"""Beats a second."""
AMPLITUDE = (0.5, 1.5)
RADIUS = (0.9, 0.99)
"""Of the poles of an autoregressive process: the nearer to 1, the longer it swings on."""

_WAVES = ((-math.pi / 3, 0.25, 0.25), (-math.pi / 12, -1 / 6, 0.1), (0.0, 1.0, 0.1),
          (math.pi / 12, -0.25, 0.1), (math.pi / 2, 0.4, 0.4))  # fmt: skip
"""(place in the beat, height against R, width) of the waves P, Q, R, S and T; places and widths are angles."""


def factors_of(kind: str, n: int, generator: torch.Generator) -> dict[str, Tensor]:
    """What n series of a kind are made from, (n,) each, independent and uniform; see the function of that kind."""

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    factors = {"frequency": uniform(*(HEART if kind == "ecg" else FREQUENCY)), "amplitude": uniform(*AMPLITUDE)}
    if kind == "ar":
        return factors | {"radius": uniform(*RADIUS)}
    factors["phase"] = uniform(0.0, 2 * math.pi)
    return factors | {"end_frequency": uniform(*FREQUENCY)} if kind == "chirps" else factors


def draw(kind: str, factors: dict[str, Tensor], length: int, generator: torch.Generator) -> Tensor:
    """Series (n, length) of a kind, made from its factors (n,) each; only "ar" draws from the generator too."""
    if kind == "ar":
        first, second = coefficients(factors["frequency"], factors["radius"])
        return autoregressive(first, second, factors["amplitude"], length, generator)
    f = {name: values[:, None] for name, values in factors.items()}
    if kind == "chirps":
        return chirp(f["frequency"], f["end_frequency"], f["phase"], f["amplitude"], length)
    curve = heartbeat if kind == "ecg" else sine
    return curve(f["frequency"], f["phase"], f["amplitude"], length)


def mixed(n: int, length: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
    """Series (n, length) of all kinds in equal shares, by chance, and the factors that all of them have.

    These are `kind`, an index of KINDS, `frequency` and `amplitude`.
    """
    kind = torch.randint(len(KINDS), (n,), generator=generator)
    series, shared = torch.empty(n, length), {name: torch.empty(n) for name in ("frequency", "amplitude")}
    for label, name in enumerate(KINDS):
        rows = (kind == label).nonzero()[:, 0]
        factors = factors_of(name, len(rows), generator)
        series[rows] = draw(name, factors, length, generator)
        for factor, values in shared.items():
            values[rows] = factors[factor]
    return series, {"kind": kind, **shared}


def sine(frequency: Tensor, phase: Tensor, amplitude: Tensor, length: int) -> Tensor:
    """amplitude * sin(2 pi frequency t + phase); factors (n, 1) -> (n, length)."""
    return amplitude * torch.sin(2 * math.pi * frequency * _seconds(length) + phase)


def chirp(frequency: Tensor, end_frequency: Tensor, phase: Tensor, amplitude: Tensor, length: int) -> Tensor:
    """A sine whose frequency goes evenly from `frequency` to `end_frequency`; factors (n, 1) -> (n, length)."""
    t = _seconds(length)
    faster = (end_frequency - frequency) * RATE / length  # Hz a second
    return amplitude * torch.sin(2 * math.pi * (frequency * t + faster * t.square() / 2) + phase)


def heartbeat(rate: Tensor, phase: Tensor, amplitude: Tensor, length: int) -> Tensor:
    """An electrocardiogram of `rate` beats a second and R waves of height `amplitude`; factors (n, 1) -> (n, length).

    A beat is a turn, and each of its waves P, Q, R, S, T a bell over the angle, with the places, widths and heights of
    McSharry et al., "A dynamical model for generating synthetic electrocardiogram signals", 2003.
    """
    angle = 2 * math.pi * rate * _seconds(length) + phase
    beat = torch.zeros_like(angle)
    for place, height, width in _WAVES:
        away = (angle - place + math.pi) % (2 * math.pi) - math.pi
        beat += height * torch.exp(-(away / width).square() / 2)
    return amplitude * beat


def coefficients(frequency: Tensor, radius: Tensor) -> tuple[Tensor, Tensor]:
    """The two coefficients (n,) of the process whose poles have this radius and swing at this frequency (n,)."""
    return 2 * radius * torch.cos(2 * math.pi * frequency / RATE), -radius.square()


def autoregressive(first: Tensor, second: Tensor, amplitude: Tensor, length: int, generator: torch.Generator) -> Tensor:
    """x[t] = first x[t-1] + second x[t-2] + noise, stationary from its first value on; factors (n,) -> (n, length).

    The noise is such that x has the power of a sine of this amplitude. Where `second` is 0 this is the process of order
    one. The autocorrelation is rho[1] = first / (1 - second), rho[k] = first rho[k-1] + second rho[k-2] (Yule 1927,
    Walker 1931).
    """
    neighbours = first / (1 - second)  # rho[1]
    std = amplitude / math.sqrt(2)
    noise = torch.randn(length, len(first), generator=generator)
    series = std * noise
    if length > 1:
        series[1] = neighbours * series[0] + std * (1 - neighbours.square()).sqrt() * noise[1]
    left = std * (1 - first * neighbours - second * (first * neighbours + second)).clamp(min=0).sqrt()
    for t in range(2, length):
        series[t] = first * series[t - 1] + second * series[t - 2] + left * noise[t]
    return series.T.contiguous()


def _seconds(length: int) -> Tensor:
    return torch.arange(length) / RATE
