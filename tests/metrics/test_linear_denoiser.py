"""Ridge regression against the Wiener filter, and what is left where there are few pairs."""

import pytest
import torch
from torch import Tensor

from src.metrics.linear_denoiser import LinearDenoiser

VARIANCES = torch.tensor([4.0, 1.0, 0.25, 0.01], dtype=torch.float64)
STD = 0.5
AXES = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)).Q
"""The principal axes of the examples, in columns."""


def pairs(n: int, seed: int, std: float = STD) -> tuple[Tensor, Tensor]:
    """Normal examples (n, 1, 2, 2) around 3 and the same with normal noise: (corrupted, clean)."""
    g = torch.Generator().manual_seed(seed)
    x = 3 + (torch.randn(n, 4, generator=g, dtype=torch.float64) * VARIANCES.sqrt()) @ AXES.T
    return (x + std * torch.randn(n, 4, generator=g, dtype=torch.float64)).view(n, 1, 2, 2), x.view(n, 1, 2, 2)


def error(denoiser: LinearDenoiser, seen: Tensor, x: Tensor) -> float:
    return float((denoiser(seen) - x).square().flatten(1).sum(1).mean())


def test_with_many_pairs_it_is_the_wiener_filter() -> None:
    """W = V diag(v / (v + std^2)) V^T, which leaves sum v std^2 / (v + std^2) of the squared error."""
    denoiser = LinearDenoiser(*pairs(100_000, 0))
    kept = VARIANCES / (VARIANCES + STD**2)
    wiener = AXES @ torch.diag(kept) @ AXES.T
    inputs = torch.eye(4, dtype=torch.float64).view(4, 1, 2, 2)
    matrix = (denoiser(inputs) - denoiser(torch.zeros_like(inputs))).flatten(1)
    torch.testing.assert_close(matrix, wiener, rtol=0, atol=0.01)
    assert error(denoiser, *pairs(100_000, 1)) == pytest.approx(float((kept * STD**2).sum()), rel=0.01)


def test_what_a_linear_map_did_it_undoes() -> None:
    _, x = pairs(500, 0)
    turned = (x.flatten(1) @ AXES + 2).view_as(x)
    assert error(LinearDenoiser(turned, x), turned, x) < 1e-12


def test_with_few_pairs_the_penalty_keeps_it_from_fitting_noise() -> None:
    """30 pairs of 24 numbers that say nothing: the best map is hardly any, the least-squares one is far off."""
    g = torch.Generator().manual_seed(0)
    seen, x, more = torch.randn(3, 30, 24, generator=g, dtype=torch.float64).unbind()
    fresh = torch.randn(30, 24, generator=g, dtype=torch.float64)
    plain = torch.linalg.lstsq(seen - seen.mean(0), x - x.mean(0)).solution
    unpenalised = float(((more - seen.mean(0)) @ plain + x.mean(0) - fresh).square().sum(1).mean())
    assert error(LinearDenoiser(seen, x), more, fresh) < 0.5 * unpenalised
    assert error(LinearDenoiser(seen, x), more, fresh) < 1.3 * 24  # that of the mean example, 24 (1 + 1 / 30)


def test_examples_that_never_change_are_given_back() -> None:
    x = torch.full((10, 3), 0.25)
    torch.testing.assert_close(LinearDenoiser(x, x)(x), x)


def test_it_solves_the_normal_equations_of_all_pairs_in_double_precision() -> None:
    """The sums run over a thousand pairs at a time, in whatever type these come."""
    seen, x = (part.float() for part in pairs(2500, 0))
    denoiser = LinearDenoiser(seen, x)
    a, b = (part.flatten(1).double() for part in (seen, x))
    a, b = a - a.mean(0), b - b.mean(0)
    w = torch.linalg.solve(a.T @ a / 2500 + denoiser.strength * torch.eye(4, dtype=a.dtype), a.T @ b / 2500)
    found = denoiser(seen)
    assert (denoiser.n, found.dtype) == (2500, torch.float32)
    expected = (x.flatten(1).double().mean(0) + a @ w).view_as(x)
    torch.testing.assert_close(found, expected.float())
