"""The encoder's Jacobian, of maps whose derivatives are known."""

import pytest
import torch
from torch import Tensor

from src.metrics.jacobian import Encode, estimated_sq_norm, singular_values
from src.noise import IndexedNoise

SHAPE = (2, 3, 4)
X = torch.rand(20, *SHAPE, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
Y = torch.full((20,), -1)
W = torch.randn(24, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def linear(x: Tensor, y: Tensor) -> Tensor:
    return x.flatten(1) @ W


def test_a_linear_map_has_its_own_singular_values_at_every_image() -> None:
    expected = torch.linalg.svdvals(W).expand(20, -1)
    torch.testing.assert_close(singular_values(linear, X, Y), expected)


def test_a_map_of_each_pixel_by_itself_has_its_slopes() -> None:
    found = singular_values(lambda x, y: x.sin(), X, Y)
    torch.testing.assert_close(found, X.flatten(1).cos().sort(1, descending=True).values)


def test_a_code_with_more_numbers_than_the_image_has_as_many_values_as_the_image() -> None:
    found = singular_values(lambda x, y: torch.cat([x, 2 * x], 1), X, Y)
    torch.testing.assert_close(found, torch.full((20, 24), 5**0.5, dtype=X.dtype))


def test_no_more_than_sixteen_whole_jacobians_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[int, ...]] = []
    svdvals = torch.linalg.svdvals

    def noted(jacobians: Tensor) -> Tensor:
        taken.append(tuple(jacobians.shape))
        return svdvals(jacobians)

    monkeypatch.setattr(torch.linalg, "svdvals", noted)
    singular_values(linear, X, Y)
    assert taken == [(16, 5, 24), (4, 5, 24)]


@pytest.mark.parametrize("encode", [linear, lambda x, y: x.sin()], ids=["linear", "by pixel"])
def test_the_estimate_is_the_norm_on_average(encode: Encode) -> None:
    exact = singular_values(encode, X, Y).square().sum(1)
    estimated = estimated_sq_norm(encode, X, Y, IndexedNoise(0, torch.arange(20)), probes=1000)
    torch.testing.assert_close(estimated, exact, rtol=0.1, atol=0)  # over four of its standard deviations
    torch.testing.assert_close(estimated.mean(), exact.mean(), rtol=0.02, atol=0)


def test_the_estimate_is_the_same_for_one_seed_and_image() -> None:
    def estimate(places: list[int], seed: int) -> Tensor:
        return estimated_sq_norm(linear, X[places], Y[places], IndexedNoise(seed, torch.tensor(places)), probes=2)

    assert torch.equal(estimate([3, 4], 0)[1], estimate([4, 7], 0)[0])
    assert not torch.equal(estimate([3, 4], 0), estimate([3, 4], 1))


def test_classes_reach_the_encoder_and_no_gradient_is_left_behind() -> None:
    weight = torch.nn.Parameter(W.clone())
    y = torch.arange(20)
    found = singular_values(lambda x, y: (1 + y[:, None]) * (x.flatten(1) @ weight), X, y)
    torch.testing.assert_close(found, (1 + y[:, None]) * torch.linalg.svdvals(W))
    assert not found.requires_grad
    assert weight.grad is None
