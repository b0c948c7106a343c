"""The maximum mean discrepancy, in closed form between normal codes."""

import math

import pytest
import torch
from torch import Tensor

from src.noise import FreshNoise
from src.regularizers import MaximumMeanDiscrepancy
from src.regularizers.kernels import KERNELS, rbf
from src.regularizers.mmd import squared_mmd
from tests.regularizers.passes import NO_MODEL, normal, pass_of

every_kernel = pytest.mark.parametrize("kernel", KERNELS)


def mean_kernel(width: int, shift: float, variance: float) -> float:
    """E rbf(a, b) where each unit of a - b is N(shift, variance)."""
    spread = width + variance
    return (width / spread) ** (width / 2) * math.exp(-width * shift**2 / (2 * spread))


def closed_form(width: int, shift: float, scale: float) -> float:
    """The squared MMD of N(shift, scale^2 I) and N(0, I) by the kernel rbf."""
    within = mean_kernel(width, 0, 2 * scale**2) + mean_kernel(width, 0, 2)
    return within - 2 * mean_kernel(width, shift, 1 + scale**2)


def white(sample: Tensor) -> Tensor:
    """The sample with mean 0 and covariance I exactly, which is most of its error."""
    centred = sample - sample.mean(0)
    return torch.linalg.solve_triangular(torch.linalg.cholesky(torch.cov(centred.T)), centred.T, upper=False).T


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (0.8, 1.0), (0.0, 0.4), (-0.5, 1.6)])
def test_between_normal_codes_it_is_the_closed_form(shift: float, scale: float) -> None:
    measured = squared_mmd(shift + scale * white(normal(1500, 3)), white(normal(1500, 3, seed=1)), rbf)
    assert float(measured) == pytest.approx(closed_form(3, shift, scale), abs=0.005)


def test_pairs_of_a_code_with_itself_are_left_out() -> None:
    a, b = normal(3, 2), normal(4, 2, seed=1)

    def mean_of(pairs: list[tuple[Tensor, Tensor]]) -> float:
        return sum(math.exp(-float((p - q).square().sum()) / 4) for p, q in pairs) / len(pairs)

    within_a = mean_of([(a[i], a[j]) for i in range(3) for j in range(3) if i != j])
    within_b = mean_of([(b[i], b[j]) for i in range(4) for j in range(4) if i != j])
    between = mean_of([(p, q) for p in a for q in b])
    assert float(squared_mmd(a, b, rbf)) == pytest.approx(within_a + within_b - 2 * between)


@every_kernel
def test_it_is_zero_on_average_for_normal_codes_and_far_above_for_others(kernel: str) -> None:
    torch.manual_seed(0)
    term = MaximumMeanDiscrepancy(1.0, kernel)  # type: ignore[arg-type]
    draws = [torch.randn(64, 4) for _ in range(200)]
    normals = torch.stack([term(pass_of(z, FreshNoise()), NO_MODEL) for z in draws])
    assert abs(float(normals.mean())) < 3 * float(normals.std()) / math.sqrt(200)
    assert float(normals.min()) < 0  # the other estimate, with the diagonal, never is
    for others in (0.3 * draws[0], 1 + draws[0], draws[0].abs()):
        assert float(term(pass_of(others, FreshNoise()), NO_MODEL)) > 5 * float(normals.std())


@every_kernel
def test_codes_that_move_along_its_slope_become_standard_normal(kernel: str) -> None:
    torch.manual_seed(0)
    shift, scale = torch.tensor([1.5, -1.0], requires_grad=True), torch.tensor([0.3, 2.0], requires_grad=True)
    term, optimizer = MaximumMeanDiscrepancy(1.0, kernel), torch.optim.Adam([shift, scale], 0.05)  # type: ignore[arg-type]
    for _ in range(100):
        optimizer.zero_grad()
        term(pass_of(shift + scale * torch.randn(128, 2), FreshNoise()), NO_MODEL).backward()
        optimizer.step()
    assert shift.tolist() == pytest.approx([0, 0], abs=0.2)
    assert scale.tolist() == pytest.approx([1, 1], abs=0.2)


def test_a_single_image_counts_nothing() -> None:
    assert float(MaximumMeanDiscrepancy(1.0)(pass_of(normal(1, 3)), NO_MODEL)) == 0
