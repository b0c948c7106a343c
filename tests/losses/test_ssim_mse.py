"""The squared error mixed with structural similarity."""

import pytest
import torch
from torch import Tensor

from src.errors import UserError
from src.losses import SquaredError, StructuralSimilarityMix
from src.metrics.reconstruction import ssim_sigma
from src.metrics.structural_similarity import structural_similarity


def pair(*shape: int) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(0)
    x = torch.rand(shape, generator=rng)
    return x + 0.2 * torch.randn(shape, generator=rng), x


@pytest.mark.parametrize("shape", [(4, 1, 8, 8), (3, 3, 15, 11), (2, 1, 28, 28)])
def test_alpha_mixes_squared_error_and_dissimilarity(shape: tuple[int, ...]) -> None:
    raw, x = pair(*shape)
    sigma = ssim_sigma(shape[1:])
    assert sigma is not None
    unlike = x[0].numel() * (1 - structural_similarity(raw, x, sigma))
    error = SquaredError()(raw, x)
    for alpha in (0.0, 0.25, 1.0):
        mixed = StructuralSimilarityMix([0, 1], alpha)(raw, x)
        torch.testing.assert_close(mixed, (1 - alpha) * error + alpha * unlike)


@pytest.mark.parametrize("span", [[-1.0, 1.0], [0.0, 255.0]])
def test_another_range_changes_the_unit_only(span: list[float]) -> None:
    low, width = span[0], span[1] - span[0]
    raw, x = pair(3, 1, 12, 12)
    there = StructuralSimilarityMix(span, 0.5)(low + width * raw, low + width * x)
    torch.testing.assert_close(there, width**2 * StructuralSimilarityMix([0, 1], 0.5)(raw, x), rtol=1e-4, atol=0)


def test_it_is_zero_at_the_image_alone() -> None:
    raw, x = pair(3, 1, 12, 12)
    loss = StructuralSimilarityMix([0, 1], 0.9)
    torch.testing.assert_close(loss(x, x), torch.zeros(3), rtol=0, atol=1e-4)
    assert (loss(raw, x) > 1).all()


def test_of_two_images_equally_far_off_the_one_with_the_structure_is_nearer() -> None:
    _, x = pair(2, 1, 16, 16)
    shifted, checked = x + 0.1, x + 0.1 * torch.tensor([1.0, -1.0]).repeat(8)
    torch.testing.assert_close(SquaredError()(shifted, x), SquaredError()(checked, x))
    loss = StructuralSimilarityMix([0, 1], 0.5)
    assert (loss(shifted, x) < loss(checked, x)).all()


@pytest.mark.parametrize("shape", [(64,), (1, 2, 28), (1, 28, 2), (3, 4, 8, 8), (1, 64)])
def test_what_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"at least 3 x 3 pixels, but data\.shape is .* Use loss=mse"):
        StructuralSimilarityMix([0, 1]).check_shape(shape)
    SquaredError().check_shape(shape)
    StructuralSimilarityMix([0, 1]).check_shape((1, 3, 3))
