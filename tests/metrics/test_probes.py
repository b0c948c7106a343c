"""Readers of codes: what is plain they tell, what is not there they do not find."""

import pytest
import torch
from torch import Tensor

from src.metrics import probes
from src.metrics.probes import cluster_agreement, linear_probe, nearest_neighbours

CLASSES = 5


def blobs(n: int, width: int, seed: int, apart: float = 20.0) -> tuple[Tensor, Tensor]:
    """Codes (n, width) in balls around one corner for each class, and the classes."""
    g = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % CLASSES
    return torch.randn(n, width, generator=g) + apart * torch.eye(width)[:CLASSES][y], y


@pytest.mark.parametrize("width", [CLASSES, probes.WIDEST + 50], ids=["narrow", "wide"])
def test_classes_far_apart_are_told_without_an_error(width: int) -> None:
    codes = *blobs(600, width, 0, 100.0), *blobs(200, width, 1, 100.0)
    assert linear_probe(*codes).tolist() == [1.0] * 200
    assert nearest_neighbours(*codes, k=5).tolist() == [1.0] * 200
    assert cluster_agreement(*codes[2:], seed=0) == pytest.approx((1.0, 1.0))


def test_labels_that_have_nothing_to_do_with_the_codes_are_guessed() -> None:
    z, y = blobs(1000, 8, 0)
    z_test, y_test = blobs(1000, 8, 1)
    shuffled = y[torch.randperm(1000, generator=torch.Generator().manual_seed(2))]
    chance = pytest.approx(1 / CLASSES, abs=0.05)  # four standard deviations
    assert linear_probe(z, shuffled, z_test, y_test).mean() == chance
    nmi, ari = cluster_agreement(z, shuffled, seed=0)
    assert (nmi, ari) == pytest.approx((0.0, 0.0), abs=0.02)
    torch.manual_seed(0)
    noise = torch.randn(1000, 8), shuffled, torch.randn(1000, 8), y_test
    assert nearest_neighbours(*noise, k=5).mean() == chance


def test_neighbours_tell_what_no_plane_parts() -> None:
    """The class is the sign of the product: no linear map knows anything of it."""
    z = torch.rand(4000, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    y = (z.prod(1) > 0).long()
    parts = z[:2000], y[:2000], z[2000:], y[2000:]
    assert nearest_neighbours(*parts, k=5).mean() > 0.95
    assert linear_probe(*parts).mean() == pytest.approx(0.5, abs=0.06)


def test_the_linear_probe_does_not_see_the_scale_of_a_unit() -> None:
    z, y = blobs(400, 6, 0, apart=2.0)
    z_test, y_test = blobs(400, 6, 1, apart=2.0)
    scale = torch.tensor([1.0, 50.0, 0.1, 1.0, 3.0, 1.0])
    plain, scaled = linear_probe(z, y, z_test, y_test), linear_probe(z * scale, y, z_test * scale, y_test)
    assert 0.5 < plain.mean() < 1
    assert torch.equal(plain, scaled)


def test_a_unit_that_woke_for_one_training_image_does_not_blow_up_the_test_codes() -> None:
    z, y = blobs(400, 6, 0)
    z_test, y_test = blobs(100, 6, 1)
    z[:, 5], z_test[:, 5] = 0, 1.0
    z[0, 5] = 1e-30
    assert linear_probe(z, y, z_test, y_test).mean() > 0.95
