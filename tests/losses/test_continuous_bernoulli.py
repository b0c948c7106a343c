"""The continuous Bernoulli density against torch's, and near 1/2 where its closed forms lose their digits."""

import math

import pytest
import torch
from torch.distributions import ContinuousBernoulli

from src.losses import ContinuousBernoulliLoss
from src.losses.continuous_bernoulli import log_constant, mean
from tests.losses.every import per_image, raw_and_image

LOSS = ContinuousBernoulliLoss()
NEAR = [0.0, 1e-8, 1e-6, 1e-4, 1e-3, 0.01, 0.1, 0.199999, 0.2, 0.200001, 0.3]
LOGITS = torch.tensor([*(-v for v in NEAR), *NEAR, -12.0, -5.0, -1.0, 1.0, 5.0, 12.0], dtype=torch.float64)


def test_it_is_the_log_density_of_torch() -> None:
    raw, x = raw_and_image(LOSS, dtype=torch.float64)
    expected = per_image(ContinuousBernoulli(logits=raw).log_prob(x))
    torch.testing.assert_close(LOSS.log_prob(raw, x), expected)
    torch.testing.assert_close(LOSS.log_prob(raw.float(), x.float()), expected.float(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("dtype", "off"), [(torch.float64, 1e-9), (torch.float32, 1e-6)])
def test_constant_and_mean_are_exact_around_one_half(dtype: torch.dtype, off: float) -> None:
    there = ContinuousBernoulli(logits=LOGITS)
    constant = there.log_prob(torch.zeros_like(LOGITS)) - torch.log1p(-there.probs)
    torch.testing.assert_close(log_constant(LOGITS.to(dtype)).double(), constant, rtol=0, atol=10 * off)
    torch.testing.assert_close(mean(LOGITS.to(dtype)).double(), there.mean, rtol=0, atol=10 * off)
    assert log_constant(torch.zeros(1)).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize(("dtype", "off"), [(torch.float64, 1e-8), (torch.float32, 2e-6)])
def test_the_gradient_of_the_loss_is_the_mean_less_the_pixel(dtype: torch.dtype, off: float) -> None:
    raw = LOGITS.to(dtype)[:, None].clone().requires_grad_()
    x = torch.linspace(0, 1, len(raw), dtype=dtype)[:, None]
    LOSS(raw, x).sum().backward()
    torch.testing.assert_close(raw.grad, LOSS.image(raw).detach() - x, rtol=0, atol=off)


def test_the_image_is_the_mean_of_the_density_and_not_its_parameter() -> None:
    x = torch.linspace(0, 1, 100_001, dtype=torch.float64)[:, None]
    raw = torch.full_like(x, 3.0)
    expected = torch.trapezoid(x.flatten() * LOSS.log_prob(raw, x).exp(), x.flatten()).item()
    assert LOSS.image(raw)[0].item() == pytest.approx(expected)
    assert expected < raw[0].sigmoid().item() - 0.2


def test_means_of_half_precision_outputs_keep_their_order() -> None:
    means = LOSS.image(torch.linspace(-8, 8, 65, dtype=torch.bfloat16))
    assert (means.diff() >= 0).all()
    assert means[32].item() == 0.5
    assert 0 < means[0].item() < 0.2 < 0.8 < means[-1].item() < 1


def test_it_keeps_its_digits_for_huge_logits() -> None:
    raw, x = torch.tensor([[1e4], [-1e4], [1e4]]), torch.tensor([[1.0], [0.0], [0.0]])
    assert LOSS.log_prob(raw, x).tolist() == pytest.approx([math.log(1e4)] * 2 + [math.log(1e4) - 1e4])
