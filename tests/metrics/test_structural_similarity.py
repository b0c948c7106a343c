"""Structural similarity against torchmetrics' and against what it must be."""

import pytest
import torch
from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

from src.metrics.reconstruction import ssim_sigma
from src.metrics.structural_similarity import structural_similarity


def pair(*shape: int) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(0)
    x = torch.rand(shape, generator=rng, dtype=torch.float64)
    return (x + 0.3 * torch.randn(shape, generator=rng, dtype=torch.float64)).requires_grad_(), x


@pytest.mark.parametrize("shape", [(4, 1, 8, 8), (3, 3, 15, 11), (2, 2, 28, 28), (2, 1, 3, 40)])
def test_values_and_gradients_are_those_of_torchmetrics(shape: tuple[int, ...]) -> None:
    x_hat, x = pair(*shape)
    sigma = ssim_sigma(shape[1:])
    assert sigma is not None
    ours = structural_similarity(x_hat, x, sigma)
    theirs = structural_similarity_index_measure(x_hat, x, sigma=sigma, data_range=1.0, reduction="none")
    assert isinstance(theirs, Tensor)
    torch.testing.assert_close(ours, theirs)
    slopes = [torch.autograd.grad(ssim.sum(), x_hat)[0] for ssim in (ours, theirs)]
    torch.testing.assert_close(*slopes)


def test_single_precision_and_autocast_keep_five_digits() -> None:
    x_hat, x = pair(2, 3, 28, 28)
    exact = structural_similarity(x_hat, x, 1.5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        single = structural_similarity(x_hat.float(), x.float(), 1.5)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), exact, rtol=1e-5, atol=0)


def test_an_image_is_like_itself_and_a_negative_is_unlike_it() -> None:
    _, x = pair(3, 1, 20, 20)
    torch.testing.assert_close(structural_similarity(x, x, 1.5), torch.ones(3, dtype=torch.float64))
    assert (structural_similarity(1 - x, x, 1.5) < -0.5).all()
