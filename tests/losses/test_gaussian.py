"""The Gaussian loss with fixed and learned variance."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from src.errors import UserError
from src.losses import GaussianLoss
from src.losses.gaussian import soft_clamp
from src.run_folder import RunFolder
from tests.conftest import NO_PICTURES, TINY, run
from tests.losses.every import per_image, raw_and_image

LOW, HIGH = 2 * math.log(0.01), 2 * math.log(10.0)


def std_of(loss: GaussianLoss, raw: Tensor) -> Tensor:
    return (loss.log_variance(raw) / 2).exp().detach()


@pytest.mark.parametrize("variance", ["fixed", "global", "per_pixel"])
def test_it_is_the_normal_log_likelihood_constant_and_all(variance: str) -> None:
    loss = GaussianLoss(variance, std=0.4)  # type: ignore[arg-type]
    raw, x = raw_and_image(loss, dtype=torch.float64)
    expected = per_image(Normal(loss.image(raw), std_of(loss, raw)).log_prob(x))
    torch.testing.assert_close(loss.log_prob(raw, x).detach(), expected)


def test_a_fixed_standard_deviation_is_the_one_given() -> None:
    raw, x = raw_and_image(GaussianLoss(), dtype=torch.float64)
    torch.testing.assert_close(GaussianLoss(std=20.0).log_prob(raw, x), per_image(Normal(raw, 20.0).log_prob(x)))
    assert list(GaussianLoss().parameters()) == []


@pytest.mark.parametrize("variance", ["global", "per_pixel"])
@pytest.mark.parametrize("std", [0.05, 0.3, 1.0])
def test_a_learned_one_starts_from_the_one_given(variance: str, std: float) -> None:
    loss = GaussianLoss(variance, std=std)  # type: ignore[arg-type]
    assert std_of(loss, torch.zeros(1, loss.raw_channels(1), 1, 1)).item() == pytest.approx(std, rel=0.05)


def test_a_global_variance_becomes_the_mean_squared_error() -> None:
    raw, x = raw_and_image(GaussianLoss())
    for start in (2.0, 9.0):
        loss = GaussianLoss("global", std=start)
        optimizer = torch.optim.Adam(loss.parameters(), lr=1e-2)
        for _ in range(300):
            optimizer.zero_grad()
            loss(raw, x).mean().backward()
            optimizer.step()
        assert std_of(loss, raw).square().item() == pytest.approx((raw - x).square().mean().item(), rel=1e-2)


def test_a_predicted_variance_becomes_each_pixels_own_squared_error() -> None:
    loss = GaussianLoss("per_pixel", std=1.0)
    errors = torch.tensor([0.05, 0.3, 2.0, 5.0])
    log_variance = torch.zeros(4, requires_grad=True)
    optimizer = torch.optim.Adam([log_variance], lr=0.05)
    for _ in range(600):
        optimizer.zero_grad()
        raw = torch.stack([torch.zeros(4), log_variance])[None]  # (1, 2, 4): the mean, and what is learned
        loss(raw, errors.expand(1, 1, 4)).sum().backward()
        optimizer.step()
    torch.testing.assert_close(std_of(loss, raw).flatten(), errors, rtol=0.02, atol=0)


def test_a_predicted_variance_takes_twice_the_channels_and_the_first_half_is_the_image() -> None:
    loss = GaussianLoss("per_pixel")
    raw, _ = raw_and_image(loss)
    assert loss.raw_channels(3) == 6
    assert torch.equal(loss.image(raw), raw[:, :2])
    assert [GaussianLoss(v).raw_channels(3) for v in ("fixed", "global")] == [3, 3]  # type: ignore[arg-type]


def test_a_learned_standard_deviation_stays_between_its_bounds() -> None:
    v = torch.linspace(-1000, 1000, 4001)
    clamped = soft_clamp(v, LOW, HIGH)
    assert clamped.min() >= LOW
    assert clamped.max() <= HIGH + 1e-4
    assert (clamped.diff() >= 0).all()
    middle = torch.tensor([2 * math.log(0.05), 2 * math.log(0.3), 2 * math.log(2.0)])
    torch.testing.assert_close(soft_clamp(middle, LOW, HIGH), middle, rtol=0, atol=0.05)


def test_no_predicted_variance_is_without_a_gradient() -> None:
    loss = GaussianLoss("per_pixel")
    log_variance = torch.tensor([-50.0, -10.0, 0.0, 10.0, 50.0], requires_grad=True)
    loss(torch.stack([torch.zeros(5), log_variance])[None], torch.full((1, 1, 5), 0.5)).backward()
    assert log_variance.grad is not None
    assert (log_variance.grad != 0).all()


@pytest.mark.parametrize("variance", ["global", "per_pixel"])
@pytest.mark.parametrize("std", [0.001, 0.01, 10.0, 50.0])
def test_a_start_outside_the_bounds_is_refused(variance: str, std: float) -> None:
    with pytest.raises(UserError, match=rf"loss\.std={std} does not lie between loss\.std_bounds=\[0\.01, 10\.0\]"):
        GaussianLoss(variance, std=std)  # type: ignore[arg-type]


def test_a_run_learns_the_variance_and_keeps_it(tmp_path: Path) -> None:
    small = ["data=digits", "data.limit=256", "trainer.max_epochs=25", "optimizer.lr=0.01"]
    summary = run(
        tmp_path, "loss=gaussian", "loss.variance=global", "loss.std=1", "network.hidden=[64]", *small, *NO_PICTURES
    )
    weights = torch.load(RunFolder(tmp_path).best, weights_only=True)["state_dict"]
    loss = GaussianLoss("global", std=1.0)
    loss.load_state_dict({"shift": weights["objective.loss.shift"]})
    assert 0.5 < std_of(loss, torch.zeros(1)).square().item() / summary["test/mse"] < 2  # it started at 50


@pytest.mark.parametrize("model", ["undercomplete", "linear", "stacked", "vae", "conv_vae", "denoising"])
def test_a_predicted_variance_fits_a_model(model: str, tmp_path: Path) -> None:
    summary = run(tmp_path, f"model={model}", "loss=gaussian", "loss.variance=per_pixel", *TINY, *NO_PICTURES)
    assert summary["status"] == "finished"
    assert math.isfinite(summary["test/loss"])
