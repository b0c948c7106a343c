"""Free bits in closed form."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from src.contracts import GaussianCode, Reconstruction
from src.noise import FreshNoise
from src.regularizers import FreeBits, KLDivergence

MODEL: Any = None
MEAN = torch.tensor([[0.1, 1.0, 0.0], [-0.1, 3.0, 0.0]], requires_grad=True)
STD = torch.tensor([[1.0, 0.5, 1.0], [0.9, 0.5, 1.0]], requires_grad=True)


def a_pass() -> Reconstruction:
    x = torch.zeros(2, 1, 1, 1)
    code = GaussianCode(z=MEAN, mean=MEAN, std=STD)
    return Reconstruction(x, torch.full((2,), -1), x, None, code, (), x, lambda raw: raw, FreshNoise())


def unit_kl() -> Tensor:
    return kl_divergence(Normal(MEAN, STD), Normal(0.0, 1.0)).mean(0)


def test_each_unit_counts_its_mean_over_the_batch_or_what_is_free() -> None:
    first, second, third = unit_kl().tolist()
    assert first < 0.5 < second
    assert third == 0
    term = FreeBits(1.0, free=0.5)(a_pass(), MODEL)
    assert term.shape == ()
    assert term.item() == pytest.approx(0.5 + second + 0.5)


def test_with_nothing_free_it_is_the_divergence() -> None:
    expected = KLDivergence(1.0)(a_pass(), MODEL).mean()
    torch.testing.assert_close(FreeBits(1.0, free=0.0)(a_pass(), MODEL), expected)


def test_only_units_that_tell_more_are_held_back() -> None:
    by_mean, by_std = torch.autograd.grad(FreeBits(1.0, free=0.5)(a_pass(), MODEL), (MEAN, STD))
    for gradient in (by_mean, by_std):
        assert gradient.abs().gt(0).any(0).tolist() == [False, True, False]
    torch.testing.assert_close(by_mean[:, 1], MEAN[:, 1].detach() / 2)  # of mean^2 / 2, over a batch of two
