"""The covariance penalties of DIP-VAE, against covariances computed elsewhere."""

import numpy as np
import pytest
import torch
from torch import Tensor

from src.contracts import GaussianCode
from src.regularizers import DiagonalCovariance, OffDiagonalCovariance
from src.regularizers.code_covariance import Kind
from tests.regularizers.passes import NO_MODEL
from tests.regularizers.posteriors import pass_to, posteriors


def off_diagonal(code: GaussianCode) -> Tensor:
    return OffDiagonalCovariance(1.0)(pass_to(code), NO_MODEL)


def diagonal(code: GaussianCode, kind: Kind) -> Tensor:
    return DiagonalCovariance(1.0, kind)(pass_to(code), NO_MODEL)


@pytest.mark.parametrize("kind", ["i", "ii"])
def test_both_are_those_of_the_covariance_of_numpy(kind: Kind) -> None:
    code = posteriors(7, 4)
    covariance = np.cov(code.mean.numpy(), rowvar=False, bias=True)
    if kind == "ii":
        covariance = covariance + np.diag((code.std.numpy() ** 2).mean(0))
    off = covariance - np.diag(np.diag(covariance))
    assert off_diagonal(code).shape == diagonal(code, kind).shape == ()
    assert float(off_diagonal(code)) == pytest.approx((off**2).sum())
    assert float(diagonal(code, kind)) == pytest.approx(((np.diag(covariance) - 1) ** 2).sum())


def test_the_second_kind_is_the_covariance_of_the_codes_themselves() -> None:
    code = posteriors(3, 2)
    g = torch.Generator().manual_seed(1)
    z = code.mean + code.std * torch.randn(400_000, 3, 2, generator=g, dtype=torch.float64)
    covariance = torch.cov(z.flatten(0, 1).T, correction=0)
    assert float(diagonal(code, "ii")) == pytest.approx(float((covariance.diagonal() - 1).square().sum()), rel=0.02)
    assert float(off_diagonal(code)) == pytest.approx(2 * float(covariance[0, 1] ** 2), rel=0.02)


def test_codes_of_the_priors_covariance_cost_nothing() -> None:
    corners = torch.tensor([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    assert float(off_diagonal(GaussianCode(corners, corners, torch.ones(4, 2)))) == 0
    assert float(diagonal(GaussianCode(corners, corners, torch.ones(4, 2)), "i")) == 0
    assert float(diagonal(GaussianCode(corners, 0.6 * corners, torch.full((4, 2), 0.8)), "ii")) == pytest.approx(0)


def test_one_image_has_no_covariance() -> None:
    code = posteriors(1, 3)
    assert float(off_diagonal(code)) == 0
    assert float(diagonal(code, "i")) == 3
    assert float(diagonal(code, "ii")) == pytest.approx(float((code.std**2 - 1).square().sum()))


def test_half_precision_is_measured_in_single() -> None:
    mean = torch.randn(500, 3, generator=torch.Generator().manual_seed(0)).bfloat16()
    half, single = (GaussianCode(m, m, torch.ones_like(m)) for m in (mean, mean.float()))
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(off_diagonal(half), off_diagonal(single))
        torch.testing.assert_close(diagonal(half, "ii"), diagonal(single, "ii"))
    assert off_diagonal(half).dtype == torch.float32
