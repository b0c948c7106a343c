"""Precision, recall, density and coverage of points whose neighbours can be counted."""

import pytest
import torch
from torch import Tensor

from src.metrics import manifold
from src.metrics.manifold import manifold_figures, radii


def line(*places: float) -> Tensor:
    return torch.tensor(places)[:, None]


def means(real: Tensor, samples: Tensor, k: int) -> list[float]:
    return [float(values.mean()) for values in manifold_figures(real, samples, k)]


def test_radii_reach_to_the_kth_neighbour() -> None:
    points = line(0, 1, 3, 7)
    assert radii(points, 1).tolist() == [1, 1, 2, 4]
    assert radii(points, 2).tolist() == [3, 2, 3, 6]
    assert radii(line(5, 5, 6), 1).tolist() == [0, 0, 1]  # a copy is a neighbour, a point itself is not


def test_counted_by_hand() -> None:
    real = line(0, 1, 3, 7)  # balls, k = 1: [-1, 1], [0, 2], [1, 5], [3, 11]
    samples = line(0.5, 4, 30, 31)  # balls: [-3, 4], [0.5, 7.5], [29, 31], [30, 32]
    found = manifold_figures(real, samples, 1)
    assert found.precision.tolist() == [1, 1, 0, 0]
    assert found.density.tolist() == [2, 2, 0, 0]
    assert found.recall.tolist() == [1, 1, 1, 1]
    assert found.coverage.tolist() == [1, 1, 1, 1]


def test_recall_is_of_the_samples_balls_and_coverage_of_the_datas() -> None:
    near, far = line(0, 1, 10, 11), line(-5, 16)  # balls of 1, and of 21
    found = manifold_figures(near, far, 1)
    assert found.recall.tolist() == [1, 1, 1, 1]
    assert found.coverage.tolist() == [0, 0, 0, 0]
    assert found.precision.tolist() == [0, 0]
    found = manifold_figures(far, near, 1)
    assert found.recall.tolist() == [0, 0]
    assert found.coverage.tolist() == [1, 1]
    assert found.precision.tolist() == [1, 1, 1, 1]


def test_density_is_divided_by_k() -> None:
    real, samples = line(0, 1, 3, 7), line(0.5, 4, 30, 31)
    # balls, k = 2: [-3, 3], [-1, 3], [0, 6], [1, 13]
    assert manifold_figures(real, samples, 2).density.tolist() == [3 / 2, 2 / 2, 0, 0]


def test_the_data_itself_is_perfect() -> None:
    real = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    precision, recall, density, coverage = means(real, real.flip(0), 3)
    assert (precision, recall, coverage) == (1, 1, 1)
    assert density == pytest.approx((3 + 1) / 3)  # each example is in 3 balls on average, and in its own


def test_samples_far_away_are_nothing() -> None:
    real = torch.rand(30, 4, generator=torch.Generator().manual_seed(0))
    assert means(real, real + 100, 5) == [0, 0, 0, 0]


def test_one_mode_of_two_is_precise_and_misses_half() -> None:
    rng = torch.Generator().manual_seed(0)
    near, far = torch.rand(50, 3, generator=rng), torch.rand(50, 3, generator=rng) + 100
    precision, recall, _, coverage = means(torch.cat([near, far]), near, 5)
    assert precision == 1
    assert recall == 0.5
    assert coverage == 0.5


def test_like_data_has_density_one_and_the_coverage_of_its_formula() -> None:
    # Naeem et al. 2020: for N of one distribution and M of the same, coverage is 1 - prod_i (N - i) / (N + M - i),
    # over i = 1 ... k, and density is 1, on average
    n, k, repeats = 60, 3, 40
    rng = torch.Generator().manual_seed(0)
    draws = [manifold_figures(*torch.randn(2, n, 2, generator=rng), k) for _ in range(repeats)]
    density, coverage = (torch.stack([getattr(d, name) for d in draws]).mean() for name in ("density", "coverage"))
    missed = 1.0
    for i in range(1, k + 1):
        missed *= (n - i) / (2 * n - i)
    assert float(coverage) == pytest.approx(1 - missed, abs=0.02)
    assert float(density) == pytest.approx(1, abs=0.06)


def test_parts_of_the_set_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    real, samples = torch.randn(2, 23, 3, generator=torch.Generator().manual_seed(0))
    whole = manifold_figures(real, samples, 4)
    monkeypatch.setattr(manifold, "ROWS_AT_ONCE", 5)
    for a, b in zip(manifold_figures(real, samples, 4), whole, strict=True):
        assert torch.equal(a, b)


def test_too_few_for_k_neighbours() -> None:
    with pytest.raises(ValueError, match="3 examples has no neighbour number 3"):
        manifold_figures(torch.zeros(9, 2), torch.zeros(3, 2), 3)
