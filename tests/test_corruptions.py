"""Corruptions: their statistics, what they keep, and that they repeat where they must."""

import math

import pytest
import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions import Chain, Corruption, GaussianNoise, Masking, SaltAndPepper
from src.noise import FreshNoise, IndexedNoise

N, C, H, W = 100, 3, 20, 20
RANGE = [-1.0, 2.0]
EVERY: list[Corruption] = [
    GaussianNoise(0.3, RANGE),
    Masking(0.3, RANGE),
    SaltAndPepper(0.3, RANGE),
    Chain([GaussianNoise(0.3, RANGE), Masking(0.3, RANGE)]),
]


def images(n: int = N) -> Tensor:
    """Within the range, and no pixel at its ends."""
    return torch.rand(n, C, H, W, generator=torch.Generator().manual_seed(0)) * 2 - 0.5


def indexed(n: int = N, seed: int = 0) -> Noise:
    return IndexedNoise(seed, torch.arange(n))


def assert_share(mask: Tensor, expected: float) -> None:
    """The share of True, within 4 standard errors."""
    assert float(mask.double().mean()) == pytest.approx(
        expected, abs=4 * math.sqrt(expected * (1 - expected) / mask.numel())
    )


def test_gaussian_noise_has_the_deviation_asked_for() -> None:
    x = images()
    noisy, kept = GaussianNoise(0.25, RANGE, clip=False)(x, indexed())
    error = (noisy - x).double()
    assert kept is None
    assert float(error.mean()) == pytest.approx(0, abs=4 * 0.25 / math.sqrt(error.numel()))
    assert float(error.std()) == pytest.approx(0.25, rel=4 / math.sqrt(2 * error.numel()))


def test_gaussian_noise_is_clipped_to_the_range_and_only_there() -> None:
    x = images()
    free, _ = GaussianNoise(1.0, RANGE, clip=False)(x, indexed())
    clipped, _ = GaussianNoise(1.0, RANGE)(x, indexed())
    assert torch.equal(clipped, free.clamp(*RANGE))
    assert float(free.min()) < RANGE[0]
    assert float(free.max()) > RANGE[1]


def test_no_noise_changes_nothing() -> None:
    x = images()
    assert torch.equal(GaussianNoise(0.0, RANGE)(x, indexed())[0], x)
    for corruption in (Masking(0.0, RANGE), SaltAndPepper(0.0, RANGE)):
        corrupted, kept = corruption(x, FreshNoise())
        assert torch.equal(corrupted, x)
        assert bool(kept.all())


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
def test_masking_blackens_a_share_of_the_pixels_in_all_channels(fraction: float) -> None:
    x = images()
    masked, kept = Masking(fraction, RANGE)(x, indexed())
    assert torch.equal(masked, torch.where(kept, x, torch.tensor(RANGE[0])))
    assert torch.equal(kept, kept[:, :1].expand_as(kept))
    assert_share(~kept[:, 0], fraction)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 1.0])
def test_salt_and_pepper_come_in_equal_parts(fraction: float) -> None:
    x = images()
    corrupted, kept = SaltAndPepper(fraction, RANGE)(x, indexed())
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


def test_the_cells_of_a_table_are_masked_one_by_one() -> None:
    table = images().flatten(1)
    for corruption in (Masking(0.5, RANGE), SaltAndPepper(0.5, RANGE)):
        _, kept = corruption(table, indexed())
        assert_share(kept, 0.5)
        assert bool((kept.float().mean(1) < 1).all())


def test_a_chain_keeps_what_each_link_keeps_and_draws_for_each_anew() -> None:
    x = images()
    links = [Masking(0.3, RANGE), GaussianNoise(0.1, RANGE), SaltAndPepper(0.2, RANGE)]
    corrupted, kept = Chain(links)(x, indexed())
    noise, expected, masks = indexed(), x, []
    for link in links:
        expected, mask = link(expected, noise)
        masks += [] if mask is None else [mask]
    assert torch.equal(corrupted, expected)
    assert kept is not None
    assert torch.equal(kept, masks[0] & masks[1])
    assert_share(kept[:, 0], 0.7 * 0.8)


def test_a_chain_that_replaces_nothing_has_no_mask() -> None:
    assert Chain([GaussianNoise(0.1, RANGE), GaussianNoise(0.1, RANGE)])(images(), indexed())[1] is None
    x = images()
    assert Chain([])(x, indexed()) == (x, None)


@pytest.mark.parametrize("corruption", EVERY, ids=lambda c: type(c).__name__)
def test_outside_training_an_image_is_corrupted_the_same_in_any_batch(corruption: Corruption) -> None:
    x = images()
    whole, whole_kept = corruption(x, indexed())
    for part in torch.randperm(N, generator=torch.Generator().manual_seed(1)).split(7):
        corrupted, kept = corruption(x[part], IndexedNoise(0, part))
        assert torch.equal(corrupted, whole[part])
        assert kept is None or whole_kept is None or torch.equal(kept, whole_kept[part])
    assert not torch.equal(corruption(x, indexed(seed=1))[0], whole)


@pytest.mark.parametrize("corruption", EVERY, ids=lambda c: type(c).__name__)
def test_in_training_each_pass_is_another(corruption: Corruption) -> None:
    x = images()
    assert not torch.equal(corruption(x, FreshNoise())[0], corruption(x, FreshNoise())[0])


@pytest.mark.parametrize("corruption", EVERY, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_type_and_shape_and_the_clean_image_stay(corruption: Corruption, dtype: torch.dtype) -> None:
    x = images().to(dtype)
    before = x.clone()
    corrupted, _ = corruption(x, indexed())
    assert corrupted.dtype == dtype
    assert corrupted.shape == x.shape
    assert torch.equal(x, before)
