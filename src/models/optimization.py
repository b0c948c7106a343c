"""Optimizer and learning-rate schedule of a module."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from lightning.pytorch import LightningModule
from torch.nn import Parameter
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau

from src.errors import UserError
from src.schedules import Schedule

OptimizerFactory = Callable[..., Optimizer]
"""Takes the parameters, and any setting that is to replace a configured one."""


class SchedulerFactory(Protocol):
    """A learning-rate scheduler of torch's that wants nothing but its optimizer, e.g. ReduceLROnPlateau."""

    def __call__(self, optimizer: Optimizer) -> LRScheduler: ...


def configure(
    module: LightningModule,
    parameters: Iterable[Parameter],
    optimizer: OptimizerFactory,
    scheduler: Schedule | SchedulerFactory | None,
    rate: float | None = None,
    planned_steps: Callable[[], float] | None = None,
) -> Any:
    """One optimizer as Lightning's `configure_optimizers` returns it; a `Schedule` scales the rate by progress.

    `rate` takes the place of the configured learning rate, `planned_steps` that of the Trainer's own estimate.
    """
    try:
        built = optimizer((p for p in parameters if p.requires_grad), **({} if rate is None else {"lr": rate}))
    except ValueError as error:
        raise UserError(f"optimizer: {error}") from error
    _check_clipping(module, built)
    if scheduler is None:
        return built
    if isinstance(scheduler, Schedule):
        steps = planned_steps() if planned_steps else module.trainer.estimated_stepping_batches
        if steps == float("inf"):
            raise UserError("a learning-rate schedule needs an end to run to: set trainer.max_epochs or scheduler=none")

        def factor(step: int) -> float:
            return scheduler(min(1.0, step / steps))

        config: dict[str, Any] = {"scheduler": LambdaLR(built, factor), "interval": "step"}
    else:
        monitor = getattr(module, "selection_metric", None)
        config = {"scheduler": scheduler(built), "interval": "epoch"}
        if getattr(module, "automatic_optimization", True):  # a module that steps by hand looks at its figure itself
            config |= {"monitor": monitor, "strict": False}
    return {"optimizer": built, "lr_scheduler": config}


def check_plateau(scheduler: Schedule | SchedulerFactory | None, model: str, figure: str | None) -> None:
    """Raises UserError where a scheduler is to watch the figure of a model that has none."""
    if figure is None and getattr(scheduler, "func", None) is ReduceLROnPlateau:
        raise UserError(
            f"scheduler=plateau waits until a figure no longer falls, and {model} has none that should fall. Use "
            "scheduler=cosine, or scheduler=none."
        )


def _check_clipping(module: LightningModule, optimizer: Optimizer) -> None:
    """A fused optimizer undoes the loss scaling of float16 itself, so the gradient it is given cannot be clipped."""
    trainer = module.trainer
    if trainer.precision == "16-mixed" and trainer.gradient_clip_val and optimizer.defaults.get("fused"):
        raise UserError(
            "trainer.gradient_clip_val with trainer.precision=16-mixed needs optimizer.fused=false (or bf16-mixed)"
        )


def retune(optimizer: Optimizer, schedulers: Iterable[LRScheduler], saved_rate: float) -> None:
    """Let the settings of the config win over those that a checkpoint brought along.

    Loading an optimizer's state puts the rate and all else back to what they were when it was saved; `saved_rate` is
    the rate that was configured then.
    """
    rate = optimizer.defaults["lr"]
    change = rate / saved_rate if saved_rate else 1.0
    for group in optimizer.param_groups:
        group |= {key: value for key, value in optimizer.defaults.items() if key != "lr"}
        if change != 1:
            group["lr"] *= change
    for scheduler in schedulers:
        if isinstance(scheduler, LambdaLR):
            scheduler.base_lrs = [rate] * len(scheduler.base_lrs)
            for group, factor in zip(optimizer.param_groups, scheduler.lr_lambdas, strict=True):
                group["lr"] = rate * factor(scheduler.last_epoch)
