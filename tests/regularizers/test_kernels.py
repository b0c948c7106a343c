"""Kernels, by hand and on average over normal codes."""

import math

import pytest
import torch
from scipy.special import exp1

from src.regularizers.kernels import KERNELS, SCALES, imq, rbf, squared_distances
from tests.regularizers.passes import normal


def test_distances_are_squared_and_between_every_two_codes() -> None:
    a, b = normal(4, 3), normal(6, 3, seed=1)
    torch.testing.assert_close(squared_distances(a, b), torch.cdist(a, b).square())


def test_by_hand() -> None:
    a, b = torch.tensor([[0.0, 0.0]]), torch.tensor([[2.0, 0.0], [0.0, 0.0]])
    assert rbf(a, b)[0].tolist() == pytest.approx([math.exp(-1), 1])
    assert imq(a, b)[0].tolist() == pytest.approx([sum(4 * s / (4 * s + 4) for s in SCALES), 7])


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_a_kernel_is_symmetric_and_has_no_negative_eigenvalue(kernel: object) -> None:
    assert callable(kernel)
    k = kernel(3 * normal(30, 2), 3 * normal(30, 2))
    torch.testing.assert_close(k, k.T)
    assert float(torch.linalg.eigvalsh(k).min()) > -1e-9


def test_the_mean_of_rbf_between_normal_codes_is_that_of_the_integral() -> None:
    n, width, shift, scale = 1500, 3, 0.7, 1.4
    k = rbf(shift + scale * normal(n, width), normal(n, width, seed=1))
    spread = width + scale**2 + 1  # of exp(-(a - b)^2 / (2 D)) over a - b ~ N(shift, scale^2 + 1), by each unit
    expected = (width / spread) ** (width / 2) * math.exp(-width * shift**2 / (2 * spread))
    assert float(k.mean()) == pytest.approx(expected, rel=0.03)


def test_the_mean_of_imq_between_normal_codes_is_that_of_the_integral() -> None:
    # in two dimensions ||a - b||^2 / 4 is exponential, so E C / (C + 4 t) = (C / 4) exp(C / 4) E1(C / 4), C / 4 = scale
    k = imq(normal(1500, 2), normal(1500, 2, seed=1))
    assert float(k.mean()) == pytest.approx(sum(s * math.exp(s) * exp1(s) for s in SCALES), rel=0.03)
