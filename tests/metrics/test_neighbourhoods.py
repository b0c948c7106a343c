"""Trustworthiness and continuity, by hand."""

import pytest
import torch

from src.metrics.neighbourhoods import continuity, trustworthiness


def test_codes_that_are_the_images_keep_every_neighbourhood() -> None:
    x = torch.randn(50, 1, 2, 3, generator=torch.Generator().manual_seed(0))
    z = 3 * x.flatten(1) + 1
    assert trustworthiness(x, z, k=5) == 1
    assert continuity(x, z, k=5) == 1


def test_four_points_by_hand() -> None:
    """1 - 2 / (N k (2N - 3k - 1)) * sum = 1 - sum / 8 for N = 4 and k = 1.

    Nearest codes: 0 -> 2, 1 -> 3, 2 -> 0, 3 -> 2, as images of rank 2, 3, 2, 1: each is 1, 2, 1, 0 too far.
    Nearest images: 0 -> 1, 1 -> 0, 2 -> 1, 3 -> 2, as codes of rank 3, 3, 3, 1: each is 2, 2, 2, 0 too far.
    """
    x, z = torch.tensor([[0.0], [1.0], [3.0], [7.0]]), torch.tensor([[0.0], [7.0], [1.0], [3.0]])
    assert trustworthiness(x, z, k=1) == pytest.approx(1 - 4 / 8)
    assert continuity(x, z, k=1) == pytest.approx(1 - 6 / 8)


def test_folding_brings_strangers_together_and_tearing_parts_neighbours() -> None:
    line = torch.linspace(-1, 1, 101)[:, None]
    folded, torn = line.abs(), torch.where(line < 0, line + 10, line)
    assert continuity(line, folded, k=5) > trustworthiness(line, folded, k=5)
    assert trustworthiness(line, torn, k=5) > continuity(line, torn, k=5)
