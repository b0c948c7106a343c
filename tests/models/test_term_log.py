"""Means of loss terms over an epoch."""

import math

import pytest
import torch
from torch import Tensor

from src.contracts import LossBreakdown
from src.errors import UserError
from src.models.term_log import WINDOW, NonFiniteLoss, TermLog


def alone(sums: Tensor) -> Tensor:
    """One process."""
    return sums


def losses(reconstruction: Tensor, kl: Tensor | float = 0.0, beta: float = 2.0) -> LossBreakdown:
    return LossBreakdown(
        {"reconstruction": reconstruction, "kl": torch.as_tensor(kl)}, {"reconstruction": 1, "kl": beta}
    )


@pytest.mark.parametrize("batches", [3, WINDOW, WINDOW + 1, 3 * WINDOW + 7])
def test_means_over_unequal_batches_are_those_over_the_images(batches: int) -> None:
    rng = torch.Generator().manual_seed(0)
    log, first, second = TermLog(), [], []
    for step in range(batches):
        n = 1 + step % 7
        first.append(100 * torch.rand(n, generator=rng, dtype=torch.float64))
        second.append(torch.rand(n, generator=rng, dtype=torch.float64))
        log.add(losses(first[-1], second[-1]), n, step)
    a, b = float(torch.cat(first).mean()), float(torch.cat(second).mean())
    assert log.finish(alone) == pytest.approx({"loss": a + 2 * b, "reconstruction": a, "kl": b}, rel=1e-12)


def test_a_term_over_the_batch_is_weighted_by_its_images() -> None:
    log = TermLog()
    log.add(losses(torch.zeros(1), 1.0), 1, 0)
    log.add(losses(torch.zeros(3), 5.0), 3, 1)
    assert log.finish(alone)["kl"] == 4.0


def test_two_processes_are_one() -> None:
    log, other = TermLog(), TermLog()
    log.add(losses(torch.tensor([1.0])), 1, 0)
    other.add(losses(torch.tensor([2.0, 3.0, 6.0])), 3, 0)
    others: list[Tensor] = []
    other.finish(lambda sums: others.append(sums) or sums)  # type: ignore[func-returns-value]
    assert log.finish(lambda sums: sums + others[0])["reconstruction"] == pytest.approx(3.0)


def test_each_epoch_starts_from_nothing() -> None:
    log = TermLog()
    log.add(losses(torch.tensor([8.0])), 1, 0)
    log.finish(alone)
    log.add(losses(torch.tensor([1.0])), 1, 1)
    assert log.finish(alone)["reconstruction"] == 1.0


def test_what_is_shown_is_the_mean_of_the_last_window() -> None:
    log = TermLog()
    assert log.latest == {}
    for step in range(2 * WINDOW - 1):
        log.add(losses(torch.tensor([float(step)])), 1, step)
    assert log.latest["reconstruction"] == (WINDOW - 1) / 2
    log.finish(alone)
    assert log.latest["reconstruction"] == WINDOW + (WINDOW - 2) / 2


def test_no_graph_is_held() -> None:
    x = torch.ones(2, requires_grad=True)
    log = TermLog()
    log.add(losses(x.square()), 2, 0)
    assert not any(value.requires_grad for value, _, _ in log._recent)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("bad_step", [0, 7, WINDOW - 1, WINDOW + 3])
def test_the_first_term_that_is_not_finite_is_named_with_its_step(value: float, bad_step: int) -> None:
    log = TermLog()

    def steps() -> None:
        for step in range(bad_step + 5):
            after = math.nan if step > bad_step else 0.0  # the other term follows a step later
            log.add(losses(torch.tensor([1.0 + after]), value if step >= bad_step else 1.0), 1, 1000 + step)
        log.finish(alone)

    with pytest.raises(NonFiniteLoss, match=f"^the term 'kl' became {value} at step {1000 + bad_step}$") as error:
        steps()
    assert isinstance(error.value, UserError)


def test_a_total_that_overflows_while_its_terms_do_not_is_called_the_loss() -> None:
    log = TermLog()
    log.add(losses(torch.tensor([1.0]), torch.tensor([3e38])), 1, 5)
    with pytest.raises(NonFiniteLoss, match="the term 'loss' became inf at step 5"):
        log.finish(alone)


def test_it_is_found_within_a_window_of_steps() -> None:
    log = TermLog()
    for step in range(3, 2 + WINDOW):
        log.add(losses(torch.tensor([math.nan])), 1, step)
    with pytest.raises(NonFiniteLoss, match="at step 3$"):
        log.add(losses(torch.tensor([math.nan])), 1, 2 + WINDOW)


def test_large_sums_lose_nothing() -> None:
    log = TermLog()
    for step in range(1000):
        log.add(losses(torch.full((1,), 16_777_216.0 if step == 0 else 1.0)), 100_000, step)
    assert log.finish(alone)["reconstruction"] == pytest.approx((16_777_216 + 999) / 1000, rel=1e-12)
