"""Reconstruction losses against the log-likelihoods they are named for."""

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Laplace, Normal

from src.errors import UserError
from src.losses import AbsoluteError, BernoulliLoss, ReconstructionLoss, SquaredError

SHAPE = (5, 2, 3, 4)
PIXELS = 24
LOSSES = [BernoulliLoss(), SquaredError(), AbsoluteError()]


def raw_and_image(seed: int = 0) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(SHAPE, generator=rng), torch.rand(SHAPE, generator=rng)


def per_image(log_prob: Tensor) -> Tensor:
    return log_prob.flatten(1).sum(1)


def test_bce_is_the_bernoulli_log_likelihood_of_black_and_white_images() -> None:
    raw, x = raw_and_image()
    x = (x > 0.5).float()
    expected = per_image(Bernoulli(logits=raw).log_prob(x))
    torch.testing.assert_close(BernoulliLoss()(raw, x), -expected)
    torch.testing.assert_close(BernoulliLoss().log_prob(raw, x), expected)


def test_bce_of_grey_levels_is_the_cross_entropy() -> None:
    raw, x = raw_and_image()
    p = raw.double().sigmoid()
    expected = per_image(-(x * p.log() + (1 - x) * (1 - p).log()))
    torch.testing.assert_close(BernoulliLoss()(raw.double(), x.double()), expected)


def test_bce_is_finite_and_exact_for_huge_logits() -> None:
    raw, x = torch.tensor([[1e4, -1e4, 1e4, -1e4]]), torch.tensor([[1.0, 0.0, 0.0, 1.0]])
    assert BernoulliLoss()(raw, x).tolist() == [2e4]


def test_squared_error_is_twice_a_unit_gaussian_log_likelihood_without_its_constant() -> None:
    raw, x = raw_and_image()
    log_likelihood = per_image(Normal(raw, 1.0).log_prob(x))
    torch.testing.assert_close(SquaredError()(raw, x), -2 * log_likelihood - PIXELS * math.log(2 * math.pi))


def test_absolute_error_is_a_unit_laplace_log_likelihood_without_its_constant() -> None:
    raw, x = raw_and_image()
    log_likelihood = per_image(Laplace(raw, 1.0).log_prob(x))
    torch.testing.assert_close(AbsoluteError()(raw, x), -log_likelihood - PIXELS * math.log(2))


def test_known_numbers() -> None:
    raw, x = torch.tensor([[0.0, 3.0], [1.0, 1.0]]), torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    assert SquaredError()(raw, x).tolist() == [5, 0]
    assert AbsoluteError()(raw, x).tolist() == [3, 0]
    assert BernoulliLoss()(torch.zeros(1, 7), torch.rand(1, 7)).item() == pytest.approx(7 * math.log(2))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_each_image_has_its_own_sum(loss: ReconstructionLoss) -> None:
    raw, x = raw_and_image()
    whole = loss(raw, x)
    assert whole.shape == (len(x),)
    torch.testing.assert_close(whole, torch.cat([loss(raw[i : i + 1], x[i : i + 1]) for i in range(len(x))]))
    torch.testing.assert_close(whole, loss(raw.flatten(2), x.flatten(2)))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_summed_in_single_precision(loss: ReconstructionLoss, dtype: torch.dtype) -> None:
    raw, x = (t.flatten(1).repeat(1, 2000).to(dtype) for t in raw_and_image())
    result = loss(raw, x)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, loss(raw.double(), x.double()).float(), rtol=1e-5, atol=0)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_autocast_changes_no_loss(loss: ReconstructionLoss) -> None:
    raw, x = raw_and_image()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(loss(raw, x), loss(raw.clone(), x.clone()))
        inside = loss(raw, x)
    assert torch.equal(inside, loss(raw, x))


def test_double_precision_stays() -> None:
    raw, x = (t.double() for t in raw_and_image())
    assert all(loss(raw, x).dtype == torch.float64 for loss in LOSSES)


def test_the_image_of_raw_output() -> None:
    raw, _ = raw_and_image()
    torch.testing.assert_close(BernoulliLoss().image(raw), Bernoulli(logits=raw).mean)
    assert torch.equal(SquaredError().image(raw), raw)
    assert torch.equal(AbsoluteError().image(raw), raw)
    assert all(loss.raw_channels(3) == 3 for loss in LOSSES)


@pytest.mark.parametrize("low_high", [(-1.0, 1.0), (0.0, 255.0), (-0.5, 0.5)])
def test_bce_refuses_pixels_that_are_no_probabilities(low_high: tuple[float, float]) -> None:
    low, high = low_high
    with pytest.raises(UserError) as error:
        BernoulliLoss().check_range(low, high)
    assert f"data.range is [{low}, {high}]" in str(error.value)
    assert "loss=mse" in str(error.value)


def test_other_ranges_and_losses_are_let_through() -> None:
    BernoulliLoss().check_range(0.0, 1.0)
    BernoulliLoss().check_range(0.2, 0.8)
    SquaredError().check_range(-1.0, 255.0)
    AbsoluteError().check_range(-1.0, 255.0)
