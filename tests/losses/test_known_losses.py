"""The losses with one formula against the log-likelihoods they are named for."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Laplace, Normal

from src.errors import UserError
from src.losses import AbsoluteError, BernoulliLoss, HuberLoss, SquaredError
from tests.losses.every import LOSSES, PIXELS, per_image, raw_and_image

RAW, X = raw_and_image(SquaredError())


def test_bce_is_the_bernoulli_log_likelihood_of_black_and_white_images() -> None:
    x = (X > 0.5).float()
    expected = per_image(Bernoulli(logits=RAW).log_prob(x))
    torch.testing.assert_close(BernoulliLoss()(RAW, x), -expected)
    torch.testing.assert_close(BernoulliLoss().log_prob(RAW, x), expected)


def test_bce_of_grey_levels_is_the_cross_entropy() -> None:
    p, x = RAW.double().sigmoid(), X.double()
    expected = per_image(-(x * p.log() + (1 - x) * (1 - p).log()))
    torch.testing.assert_close(BernoulliLoss()(RAW.double(), x), expected)


def test_bce_is_finite_and_exact_for_huge_logits() -> None:
    raw, x = torch.tensor([[1e4, -1e4, 1e4, -1e4]]), torch.tensor([[1.0, 0.0, 0.0, 1.0]])
    assert BernoulliLoss()(raw, x).tolist() == [2e4]


def test_squared_error_is_twice_a_unit_gaussian_log_likelihood_without_its_constant() -> None:
    log_likelihood = per_image(Normal(RAW, 1.0).log_prob(X))
    torch.testing.assert_close(SquaredError()(RAW, X), -2 * log_likelihood - PIXELS * math.log(2 * math.pi))


def test_absolute_error_is_a_unit_laplace_log_likelihood_without_its_constant() -> None:
    log_likelihood = per_image(Laplace(RAW, 1.0).log_prob(X))
    torch.testing.assert_close(AbsoluteError()(RAW, X), -log_likelihood - PIXELS * math.log(2))


def test_huber_is_half_the_squared_error_with_delta_above_every_error() -> None:
    torch.testing.assert_close(HuberLoss(100.0)(RAW, X), SquaredError()(RAW, X) / 2)


def test_huber_over_a_small_delta_is_the_absolute_error() -> None:
    torch.testing.assert_close(HuberLoss(1e-5)(RAW, X) / 1e-5, AbsoluteError()(RAW, X), rtol=1e-3, atol=0)


def test_hubers_slope_is_the_error_clipped_at_delta() -> None:
    raw = torch.tensor([[-3.0, -0.5, 0.25, 0.5, 2.0]], requires_grad=True)
    loss = HuberLoss(0.5)(raw, torch.zeros(1, 5))
    loss.backward()
    assert raw.grad is not None
    assert raw.grad.tolist() == [[-0.5, -0.5, 0.25, 0.5, 0.5]]
    assert loss.item() == pytest.approx(0.5 * (3 - 0.25) + 0.125 + 0.03125 + 0.125 + 0.5 * (2 - 0.25))


def test_known_numbers() -> None:
    raw, x = torch.tensor([[0.0, 3.0], [1.0, 1.0]]), torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    assert SquaredError()(raw, x).tolist() == [5, 0]
    assert AbsoluteError()(raw, x).tolist() == [3, 0]
    assert BernoulliLoss()(torch.zeros(1, 7), torch.rand(1, 7)).item() == pytest.approx(7 * math.log(2))


def test_the_image_of_raw_output() -> None:
    torch.testing.assert_close(BernoulliLoss().image(RAW), Bernoulli(logits=RAW).mean)
    assert all(torch.equal(LOSSES[name].image(RAW), RAW) for name in ("mse", "l1", "huber", "gaussian", "ssim_mse"))


@pytest.mark.parametrize("name", ["bce", "continuous_bernoulli"])
@pytest.mark.parametrize("low_high", [(-1.0, 1.0), (0.0, 255.0), (-0.5, 0.5)])
def test_pixels_that_are_not_between_black_and_white_are_refused(name: str, low_high: tuple[float, float]) -> None:
    low, high = low_high
    with pytest.raises(UserError) as error:
        LOSSES[name].check_range(low, high)
    assert f"loss={name}" in str(error.value)
    assert f"data.range is [{low}, {high}]" in str(error.value)
    assert "loss=mse" in str(error.value)


@pytest.mark.parametrize("name", LOSSES)
def test_other_ranges_and_losses_are_let_through(name: str) -> None:
    LOSSES[name].check_range(0.0, 1.0)
    LOSSES[name].check_range(0.2, 0.8)
    if name not in ("bce", "continuous_bernoulli"):
        LOSSES[name].check_range(-1.0, 255.0)
