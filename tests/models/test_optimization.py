"""Optimizer and schedule of a module."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from src.errors import UserError
from src.models.optimization import configure
from src.schedules import Cosine, Linear, Schedule, Steps

SGD: Any = partial(torch.optim.SGD, lr=0.5)


class Module(nn.Module):
    """Two layers, the second frozen, and as much of a trainer as is asked for."""

    selection_metric = "val/something"

    def __init__(self, steps: float = 10) -> None:
        super().__init__()
        self.layer, self.frozen = nn.Linear(2, 2), nn.Linear(2, 2).requires_grad_(False)
        self.trainer = SimpleNamespace(estimated_stepping_batches=steps, precision="32-true", gradient_clip_val=None)


def configured(scheduler: Any, steps: float = 10) -> Any:
    module: Any = Module(steps)
    return configure(module, module.parameters(), SGD, scheduler)


def test_only_what_can_be_trained_is_optimized() -> None:
    module: Any = Module()
    optimizer = configure(module, module.parameters(), SGD, None)
    assert {id(p) for group in optimizer.param_groups for p in group["params"]} == {
        id(p) for p in module.layer.parameters()
    }


@pytest.mark.parametrize("schedule", [Linear(1.0, 0.0), Cosine(1.0, 0.1, warmup=0.2), Steps([0.5])])
def test_a_schedule_scales_the_rate_by_the_progress_of_training(schedule: Schedule) -> None:
    both = configured(schedule)
    optimizer, how = both["optimizer"], both["lr_scheduler"]
    assert how["interval"] == "step"
    rates = []
    for _ in range(12):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        how["scheduler"].step()
    assert rates == pytest.approx([0.5 * schedule(min(1.0, step / 10)) for step in range(12)])


def test_a_schedule_over_an_endless_run_says_what_to_set() -> None:
    with pytest.raises(UserError, match=r"trainer\.max_epochs or scheduler=none"):
        configured(Linear(1.0, 0.0), steps=float("inf"))


def test_a_scheduler_of_torch_watches_the_figure_of_the_model_by_epoch() -> None:
    both = configured(partial(ReduceLROnPlateau, factor=0.1, patience=0))
    how = both["lr_scheduler"]
    assert how["interval"] == "epoch"
    assert how["monitor"] == "val/something"
    for _ in range(2):
        how["scheduler"].step(1.0)
    assert both["optimizer"].param_groups[0]["lr"] == pytest.approx(0.05)


def test_the_state_of_a_schedule_is_plain_values() -> None:
    state = configured(Cosine())["lr_scheduler"]["scheduler"].state_dict()
    assert not any(callable(value) for value in state["lr_lambdas"])
