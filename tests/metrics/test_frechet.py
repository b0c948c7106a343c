"""The Fréchet distance against the closed forms of normals that are known."""

import math

import pytest
import torch
from torch import Tensor

from src.metrics.frechet import covariance, distance_of_normals, frechet_distance


def rotation(n: int, seed: int = 0) -> Tensor:
    return torch.linalg.qr(torch.randn(n, n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64))[0]


def with_moments(mean: Tensor, cov: Tensor, n: int = 60, seed: int = 0) -> Tensor:
    """n points whose mean and unbiased covariance are exactly these."""
    rng = torch.Generator().manual_seed(seed)
    white = torch.linalg.qr(_centred(torch.randn(n, len(mean), generator=rng, dtype=torch.float64)))[0]
    values, vectors = torch.linalg.eigh(cov)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    return mean + math.sqrt(n - 1) * white @ root


def _centred(x: Tensor) -> Tensor:
    return x - x.mean(0)


def test_two_normals_of_one_number() -> None:
    one = torch.ones(1, dtype=torch.float64)
    # (m - m')^2 + (s - s')^2
    assert distance_of_normals(3 * one, 4 * one[None], one, 25 * one[None]) == pytest.approx(
        (3 - 1) ** 2 + (2 - 5) ** 2
    )


def test_covariances_with_common_axes() -> None:
    turn = rotation(4)
    a, b = torch.tensor([1.0, 4, 9, 0]).double(), torch.tensor([4.0, 1, 0, 25]).double()
    cov_a, cov_b = (turn @ torch.diag(s) @ turn.T for s in (a, b))
    shift = torch.arange(4).double()
    expected = float((a.sqrt() - b.sqrt()).square().sum() + shift.square().sum())  # 1 + 1 + 9 + 25 + 14
    points = with_moments(shift, cov_a), with_moments(0 * shift, cov_b, seed=1)
    torch.testing.assert_close(covariance(points[0]), cov_a)
    assert frechet_distance(*points) == pytest.approx(expected)
    assert expected == 50


def test_covariances_without_common_axes() -> None:
    # in two dimensions tr (A^1/2 B A^1/2)^1/2 = sqrt(tr AB + 2 sqrt(det AB)), the eigenvalues being those of AB
    a = torch.tensor([[2.0, 0.5], [0.5, 1.0]]).double()
    b = torch.tensor([[1.0, -0.8], [-0.8, 3.0]]).double()
    overlap = math.sqrt(float((a @ b).trace()) + 2 * math.sqrt(float(torch.linalg.det(a) * torch.linalg.det(b))))
    zero = torch.zeros(2).double()
    assert distance_of_normals(zero, a, zero, b) == pytest.approx(float(a.trace() + b.trace()) - 2 * overlap)
    assert distance_of_normals(zero, b, zero, a) == pytest.approx(distance_of_normals(zero, a, zero, b))


def test_a_set_is_at_no_distance_from_itself_and_a_point_at_its_spread() -> None:
    cov = rotation(5) @ torch.diag(torch.arange(5).double()) @ rotation(5).T
    points = with_moments(torch.zeros(5).double(), cov)
    assert frechet_distance(points, points.flip(0)) == pytest.approx(0, abs=1e-7)
    assert frechet_distance(points, torch.zeros(8, 5)) == pytest.approx(0 + 1 + 2 + 3 + 4)


def test_more_features_than_examples() -> None:
    points = torch.randn(3, 50, generator=torch.Generator().manual_seed(0)).double()
    assert frechet_distance(points, points + 2) == pytest.approx(4 * 50)


@pytest.mark.parametrize("bad", [torch.zeros(1, 3), torch.full((4, 3), math.nan), torch.full((4, 3), math.inf)])
def test_what_has_no_covariance_is_refused(bad: Tensor) -> None:
    with pytest.raises(ValueError, match="two finite"):
        frechet_distance(torch.randn(9, 3), bad)
