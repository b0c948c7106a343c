"""Made series: what they are made from can be read off them by other means."""

import math

import pytest
import torch
from torch import Tensor

from src.data import Series
from src.data.signals.made_up import (
    KINDS,
    RATE,
    autoregressive,
    chirp,
    coefficients,
    draw,
    factors_of,
    heartbeat,
    mixed,
)

LONG = 2000  # 20 seconds


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def column(*values: float) -> Tensor:
    return torch.tensor(values)[:, None]


def loudest(series: Tensor) -> Tensor:
    """The frequency (n,) in Hz of the highest peak of the spectrum."""
    return torch.fft.rfft(series).abs()[:, 1:].argmax(1).add(1) * RATE / series.shape[1]


def test_a_sine_has_its_frequency_amplitude_and_phase() -> None:
    factors = factors_of("sines", 300, generator())
    series = draw("sines", factors, LONG, generator())
    assert (loudest(series) - factors["frequency"]).abs().max() <= RATE / LONG
    torch.testing.assert_close(series.abs().amax(1), factors["amplitude"], rtol=0.01, atol=0)
    torch.testing.assert_close(series[:, 0], factors["amplitude"] * factors["phase"].sin())


def test_the_frequency_of_a_chirp_goes_evenly_from_start_to_end() -> None:
    start, end = column(2.0, 9.0, 5.0), column(8.0, 1.5, 5.0)
    series = chirp(start, end, column(0.3, 2.0, 4.0), column(1.0, 0.5, 1.5), LONG)
    spectrum = torch.fft.fft(series.double())
    spectrum[:, LONG // 2 :] = 0  # the analytic signal turns by the frequency at each moment
    turns = torch.fft.ifft(spectrum)
    found = (turns[:, 1:] * turns[:, :-1].conj()).angle() * RATE / (2 * math.pi)
    expected = start + (end - start) * (torch.arange(LONG - 1) + 0.5) / LONG
    middle = slice(LONG // 10, -LONG // 10)  # at its ends such a signal is not sharp
    assert (found - expected)[:, middle].abs().mean() < 0.05
    assert (found - expected)[:, middle].abs().max() < 0.5


@pytest.mark.parametrize(("first", "second"), [(0.8, 0.0), (-0.6, 0.0), (1.2, -0.6), (0.3, 0.4)])
def test_a_process_has_the_autocorrelation_of_yule_and_walker(first: float, second: float) -> None:
    n, length, lags = 4000, 60, 8
    series = autoregressive(torch.full((n,), first), torch.full((n,), second), torch.ones(n), length, generator())
    rho = [1.0, first / (1 - second)]
    while len(rho) <= lags:
        rho.append(first * rho[-1] + second * rho[-2])
    for start in (0, length - lags - 1):  # stationary from the first value on
        here = (series[:, start, None] * series[:, start : start + lags + 1]).mean(0)
        # the power of a sine of amplitude 1; 5 standard errors of 4,000 products
        torch.testing.assert_close(here, 0.5 * torch.tensor(rho), atol=5 * 0.5 * math.sqrt(2 / n), rtol=0)
    if second == 0:
        torch.testing.assert_close(torch.tensor(rho), torch.tensor([first**k for k in range(lags + 1)]))


def test_the_poles_of_a_process_have_its_radius_and_frequency() -> None:
    factors = factors_of("ar", 50, generator())
    first, second = coefficients(factors["frequency"], factors["radius"])
    pole = factors["radius"] * torch.exp(2j * math.pi * factors["frequency"] / RATE)
    assert (pole**2 - first * pole - second).abs().max() < 1e-5
    narrow = autoregressive(*coefficients(torch.tensor([7.0]), torch.tensor([0.99])), torch.ones(1), LONG, generator())
    assert loudest(narrow).item() == pytest.approx(7, abs=0.5)


def test_a_heart_beats_as_often_as_its_rate() -> None:
    rate = column(50 / 60, 72 / 60, 120 / 60)
    series = heartbeat(rate, column(0.5, 3.0, 4.0), column(1.0, 1.5, 0.7), 6000)  # a minute
    height = series.amax(1, keepdim=True)
    middle = series[:, 1:-1]
    tops = (middle > series[:, :-2]) & (middle >= series[:, 2:]) & (middle > 0.7 * height)
    for row, beats in zip(tops, (50, 72, 120), strict=True):
        times = row.nonzero()[:, 0] / RATE
        assert abs(len(times) - beats) <= 1
        assert 60 / times.diff().mean() == pytest.approx(beats, abs=0.1)
    torch.testing.assert_close(height, column(1.0, 1.5, 0.7), rtol=0.05, atol=0)


def test_a_beat_has_the_five_waves() -> None:
    beat = heartbeat(column(1.0), column(-math.pi), column(1.0), 100)[0]  # R in the middle
    p, r, t = beat[20:45].amax(), beat[45:55].amax(), beat[60:95].amax()
    assert r > t > p > 0.1
    assert beat[45:50].min() < -0.05  # Q
    assert beat[50:57].min() < -0.1  # S


def test_kinds_are_mixed_evenly_and_keep_their_factors() -> None:
    series, factors = mixed(4000, 64, generator())
    assert torch.bincount(factors["kind"]).float() / 4000 == pytest.approx(0.25, abs=0.035)  # 5 standard errors
    sines = factors["kind"] == KINDS.index("sines")
    largest = series[sines].abs().amax(1)
    assert (largest <= factors["amplitude"][sines] + 1e-5).all()
    assert (factors["frequency"][factors["kind"] == KINDS.index("ecg")] <= 2).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [1, 2, 33])
def test_any_length_is_drawn(kind: str, length: int) -> None:
    series = draw(kind, factors_of(kind, 5, generator()), length, generator())
    assert series.shape == (5, length)
    assert series.isfinite().all()


def series(**changes: object) -> Series:
    data = Series(**{"n_train": 100, "n_val": 10, "n_test": 20} | changes)  # type: ignore[arg-type]
    data.setup()
    return data


def test_the_label_is_the_kind() -> None:
    data = series()
    assert data.train_set.classes == list(KINDS)
    assert torch.equal(data.train_set.labels, data.train_set.factors["kind"])
    assert data.told() == {"shape": [1, 128], "classes": 4}
    assert [len(s) for s in (data.train_set, data.val_set, data.test_set)] == [100, 10, 20]


def test_one_kind_has_its_own_factors_and_no_label() -> None:
    data = series(kind="chirps", length=50)
    assert set(data.train_set.factors) == {"frequency", "end_frequency", "phase", "amplitude"}
    assert data.told() == {"shape": [1, 50], "classes": 0}
    assert data.train_set.labels.unique().tolist() == [-1]


def test_series_follow_from_the_split_seed_and_nothing_else() -> None:
    before = torch.get_rng_state()
    first, again, other = (series(**seeds) for seeds in ({"seed": 1}, {"seed": 2}, {"split_seed": 1}))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first.train_set.stored, again.train_set.stored)
    assert not torch.equal(first.train_set.stored, other.train_set.stored)
    assert not torch.equal(first.train_set.stored[:10], first.val_set.stored)
