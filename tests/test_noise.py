"""Noise by (seed, image): the moments, the independence and the repeatability that its promise needs."""

import math
from collections.abc import Callable

import pytest
import torch
from scipy.special import ndtri
from torch import Tensor

from src.noise import FreshNoise, IndexedNoise

N, D = 400, 500


def drawn(seed: int = 0, n: int = N, draw: int = 1) -> Tensor:
    """Draw number `draw` of images 0 .. n - 1, (n, D)."""
    noise = IndexedNoise(seed, torch.arange(n))
    return [noise.uniform(torch.empty(n, D)) for _ in range(draw)][-1]


def correlation(a: Tensor, b: Tensor) -> float:
    """Of two sets of numbers; of independent ones its standard deviation is 1 / sqrt(count)."""
    return float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]).double())[0, 1])


def assert_uncorrelated(a: Tensor, b: Tensor) -> None:
    assert abs(correlation(a, b)) < 4 / math.sqrt(a.numel())
    assert abs(correlation(a, (b - b.mean()).square())) < 4 / math.sqrt(a.numel())


def test_uniform_numbers_fill_the_unit_interval_evenly() -> None:
    u = drawn().double().flatten()
    error = 1 / math.sqrt(len(u))
    assert float(u.mean()) == pytest.approx(0.5, abs=4 * error * math.sqrt(1 / 12))
    assert float(u.var()) == pytest.approx(1 / 12, abs=4 * error * math.sqrt(1 / 180))
    counts = torch.histc(u, 100, 0, 1)
    expected = len(u) / 100
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    assert chi_square < 99 + 4 * math.sqrt(2 * 99)


def test_normal_numbers_have_the_moments_of_a_normal() -> None:
    z = IndexedNoise(3, torch.arange(N)).normal(torch.empty(N, D)).double()
    error = 1 / math.sqrt(z.numel())
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert float((z**power).mean()) == pytest.approx(moment, abs=4 * error * math.sqrt(variance))


def test_normal_numbers_are_the_inverse_distribution_of_the_uniform_ones() -> None:
    like = torch.empty(N, D)
    u = IndexedNoise(0, torch.arange(N)).uniform(like).double()
    z = IndexedNoise(0, torch.arange(N)).normal(like).double()
    torch.testing.assert_close(z, torch.from_numpy(ndtri(u.numpy())), atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(lambda: drawn(draw=1), lambda: drawn(draw=2), id="draws"),
        pytest.param(lambda: drawn(0), lambda: drawn(1), id="seeds"),
        pytest.param(lambda: drawn(0), lambda: drawn(-1), id="negative seed"),
        pytest.param(lambda: drawn()[:-1], lambda: drawn()[1:], id="neighbouring images"),
        pytest.param(lambda: drawn()[:, :-1], lambda: drawn()[:, 1:], id="neighbouring pixels"),
        pytest.param(lambda: drawn()[:-1, 1:], lambda: drawn()[1:, :-1], id="image against pixel"),
        pytest.param(lambda: drawn(0)[1:], lambda: drawn(1)[:-1], id="seed against image"),
        pytest.param(lambda: drawn(0)[:-1], lambda: drawn(1)[1:], id="seed against image, backwards"),
        pytest.param(lambda: drawn(0, draw=2), lambda: drawn(1, draw=1), id="seed against draw"),
        pytest.param(lambda: drawn(draw=2)[:-1], lambda: drawn(draw=1)[1:], id="draw against image"),
    ],
)
def test_what_is_drawn_apart_is_unrelated(a: Callable[[], Tensor], b: Callable[[], Tensor]) -> None:
    assert_uncorrelated(a(), b())


def test_no_image_has_the_noise_of_another_under_any_of_many_seeds() -> None:
    rows = [IndexedNoise(seed, torch.arange(1000)).uniform(torch.empty(1000, 3)) for seed in range(-20, 20)]
    assert len(torch.cat(rows).unique(dim=0)) == 40 * 1000


def test_the_noise_of_an_image_does_not_depend_on_its_batch() -> None:
    whole = drawn(7, n=20, draw=2)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(0))
    for part in order.split(3):
        noise = IndexedNoise(7, part)
        noise.uniform(torch.empty(len(part), 5))  # a draw of another shape counts as one draw
        assert torch.equal(noise.uniform(torch.empty(len(part), D)), whole[part])


def test_one_instance_draws_on_and_another_starts_again() -> None:
    noise, again = IndexedNoise(0, torch.arange(4)), IndexedNoise(0, torch.arange(4))
    first, second = noise.normal(torch.empty(4, 9)), noise.normal(torch.empty(4, 9))
    assert not torch.equal(first, second)
    assert torch.equal(again.normal(torch.empty(4, 9)), first)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_every_type_gets_numbers_strictly_inside_and_finite_normals(dtype: torch.dtype) -> None:
    like = torch.empty(10, 200_000, dtype=dtype)
    u = IndexedNoise(1, torch.arange(10)).uniform(like)
    assert u.dtype == dtype
    assert 0 < float(u.min()) < 1e-4
    assert 0.995 < float(u.max()) < 1
    z = IndexedNoise(1, torch.arange(10)).normal(like)
    assert z.dtype == dtype
    assert bool(z.isfinite().all())
    assert float(z.double().std()) == pytest.approx(1, abs=0.01)


def test_the_outermost_cells_give_finite_normals(monkeypatch: pytest.MonkeyPatch) -> None:
    for bits in (0, -1):  # the smallest and the largest of the 2^24 cells
        monkeypatch.setattr("src.noise._mix", lambda h, bits=bits: torch.full_like(h, bits))
        noise = IndexedNoise(0, torch.arange(2))
        assert 0 < float(noise.uniform(torch.empty(2, 3))[0, 0]) < 1
        assert 5 < abs(float(noise.normal(torch.empty(2, 3))[0, 0])) < 6


@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 2, 4, 5), (0, 2, 4, 5)])
def test_any_shape_is_filled(shape: tuple[int, ...]) -> None:
    noise = IndexedNoise(0, torch.arange(shape[0]))
    assert noise.uniform(torch.empty(shape)).shape == shape
    assert noise.normal(torch.empty(shape)).shape == shape


@pytest.mark.parametrize("seed", [0, -1, 2**31, 2**63 - 1, -(2**63), 2**64, 10**30])
def test_any_whole_number_is_a_seed_and_any_index_an_image(seed: int) -> None:
    index = torch.tensor([0, 1, 2**62, -(2**62)])
    u = IndexedNoise(seed, index).uniform(torch.empty(4, 1000))
    assert u.mean(1).sub(0.5).abs().max() < 4 / math.sqrt(12 * 1000)


def test_fresh_noise_follows_from_the_global_generator() -> None:
    like = torch.empty(50, 1000)
    torch.manual_seed(0)
    u, z = FreshNoise().uniform(like), FreshNoise().normal(like)
    torch.manual_seed(0)
    assert torch.equal(FreshNoise().uniform(like), u)
    assert torch.equal(FreshNoise().normal(like), z)
    assert not torch.equal(FreshNoise().uniform(like), u)
    assert 0 <= float(u.min()) < float(u.max()) < 1
    assert float(z.std()) == pytest.approx(1, abs=0.02)


def test_neither_noise_touches_the_other() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    IndexedNoise(0, torch.arange(3)).normal(torch.empty(3, 3))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_noise_of_an_image_does_not_depend_on_the_device() -> None:
    there = IndexedNoise(5, torch.arange(N, device="cuda"))
    here, like = IndexedNoise(5, torch.arange(N)), torch.empty(N, D)
    assert torch.equal(there.uniform(like.cuda()).cpu(), here.uniform(like))
    torch.testing.assert_close(there.normal(like.cuda()).cpu(), here.normal(like), atol=1e-5, rtol=1e-5)
