"""Noise on each value by itself: its statistics and what it keeps."""

import math

import pytest
import torch
from scipy.stats import poisson as exact_poisson
from torch import Tensor

from src.corruptions import GaussianNoise, Masking, PoissonNoise, SaltAndPepper, Speckle
from src.corruptions.poisson import poisson
from src.noise import FreshNoise
from tests.corruptions.every import RANGE, assert_mean, assert_share, examples, indexed

N, C, H, W = 100, 3, 20, 20


def images() -> Tensor:
    return examples(N, (C, H, W))


def test_gaussian_noise_has_the_deviation_asked_for() -> None:
    x = images()
    noisy, kept = GaussianNoise(0.25, RANGE, clip=False)(x, indexed(N))
    error = (noisy - x).double()
    assert kept is None
    assert_mean(error, 0)
    assert float(error.std()) == pytest.approx(0.25, rel=4 / math.sqrt(2 * error.numel()))


def test_gaussian_noise_is_clipped_to_the_range_and_only_there() -> None:
    x = images()
    free, _ = GaussianNoise(1.0, RANGE, clip=False)(x, indexed(N))
    clipped, _ = GaussianNoise(1.0, RANGE)(x, indexed(N))
    assert torch.equal(clipped, free.clamp(*RANGE))
    assert float(free.min()) < RANGE[0]
    assert float(free.max()) > RANGE[1]


def test_no_noise_changes_nothing() -> None:
    x = images()
    assert torch.equal(GaussianNoise(0.0, RANGE)(x, indexed(N))[0], x)
    assert torch.equal(Speckle(0.0, RANGE)(x, indexed(N))[0], x)
    for corruption in (Masking(0.0, RANGE), SaltAndPepper(0.0, RANGE)):
        corrupted, kept = corruption(x, FreshNoise())
        assert torch.equal(corrupted, x)
        assert bool(kept.all())


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
def test_masking_blackens_a_share_of_the_pixels_in_all_channels(fraction: float) -> None:
    x = images()
    masked, kept = Masking(fraction, RANGE)(x, indexed(N))
    assert torch.equal(masked, torch.where(kept, x, torch.tensor(RANGE[0])))
    assert torch.equal(kept, kept[:, :1].expand_as(kept))
    assert_share(~kept[:, 0], fraction)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 1.0])
def test_salt_and_pepper_come_in_equal_parts(fraction: float) -> None:
    x = images()
    corrupted, kept = SaltAndPepper(fraction, RANGE)(x, indexed(N))
    pepper, salt = corrupted[:, 0] == RANGE[0], corrupted[:, 0] == RANGE[1]
    assert_share(pepper, fraction / 2)
    assert_share(salt, fraction / 2)
    assert torch.equal(~kept[:, 0], pepper | salt)
    assert torch.equal(corrupted[kept], x[kept])
    assert torch.equal(kept, kept[:, :1].expand_as(kept))


def test_everything_can_be_masked() -> None:
    masked, kept = Masking(1.0, RANGE)(images(), FreshNoise())
    assert not kept.any()
    assert torch.equal(masked, torch.full_like(masked, RANGE[0]))


def test_the_share_in_half_precision_is_the_one_asked_for() -> None:
    assert_share(~Masking(0.003, RANGE)(images().bfloat16(), indexed(N))[1][:, 0], 0.003)


def test_the_cells_of_a_table_are_masked_one_by_one() -> None:
    table = images().flatten(1)
    for corruption in (Masking(0.5, RANGE), SaltAndPepper(0.5, RANGE)):
        _, kept = corruption(table, indexed(N))
        assert_share(kept, 0.5)
        assert bool((kept.float().mean(1) < 1).all())


@pytest.mark.parametrize("photons", [0.5, 3.0, 12.0, 500.0])
@pytest.mark.parametrize("brightness", [0.2, 0.6, 1.0])
def test_shot_noise_has_the_mean_of_the_image_and_its_brightness_as_variance(photons: float, brightness: float) -> None:
    value = RANGE[0] + 3 * brightness
    noisy, kept = PoissonNoise(photons, RANGE, clip=False)(torch.full((N, C, H, W), value), indexed(N))
    share = (noisy.double() - RANGE[0]) / 3
    assert kept is None
    assert_mean(share, brightness)
    assert_mean((share - brightness).square(), brightness / photons)
    counts = share * photons
    torch.testing.assert_close(counts, counts.round(), rtol=0, atol=1e-3)


def test_where_there_is_no_light_nothing_is_counted_and_clipping_ends_at_the_range() -> None:
    dark = torch.full((N, C, H, W), RANGE[0])
    assert torch.equal(PoissonNoise(5.0, RANGE)(dark, indexed(N))[0], dark)
    noisy, _ = PoissonNoise(5.0, RANGE)(dark + 3, indexed(N))
    assert float(noisy.max()) == RANGE[1]


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.7, 3.99, 4.0, 10.0, 60.0, 2000.0])
def test_counts_are_those_of_the_exact_distribution(rate: float) -> None:
    n = 30_000
    u = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    wanted = torch.from_numpy(exact_poisson.ppf(u.numpy(), rate)) if rate else torch.zeros(n, dtype=torch.float64)
    for dtype in (torch.float64, torch.float32):
        off = (poisson(torch.full((n,), rate, dtype=dtype), u.to(dtype)) - wanted).abs()
        assert float(off.max()) <= 1
        assert float((off > 0).float().mean()) < 1 / 300


def test_the_outermost_numbers_give_counts_that_may_occur() -> None:
    rate = torch.tensor([0.0, 1e-30, 1e-3, 0.1, 1.0, 3.0, 4.0, 30.0])
    assert poisson(rate, torch.zeros(8)).tolist()[:6] == [0] * 6
    most = poisson(rate, torch.full((8,), 1 - 2**-24))
    assert torch.equal(most, most.sort().values)
    assert (most[:5] <= torch.tensor([0, 0, 2, 5, 10])).all()
    assert 0 < most[-1] < 30 + 7 * math.sqrt(30)


def test_speckle_grows_with_the_distance_from_black() -> None:
    x = images()
    noisy, kept = Speckle(0.2, RANGE, clip=False)(x, indexed(N))
    share = ((noisy - x) / (x - RANGE[0])).double()
    assert kept is None
    assert_mean(share, 0)
    assert float(share.std()) == pytest.approx(0.2, rel=4 / math.sqrt(2 * share.numel()))
    assert torch.equal(Speckle(3.0, RANGE)(x, indexed(N))[0].clamp(*RANGE), Speckle(3.0, RANGE)(x, indexed(N))[0])


def test_without_ends_speckle_is_in_proportion_to_the_value() -> None:
    table = examples(N, (400,))
    noisy, _ = Speckle(0.2, None)(table, indexed(N))
    assert float(((noisy - table) / table).std()) == pytest.approx(0.2, rel=4 / math.sqrt(2 * table.numel()))
