"""Steps by hand: the model against its critics."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from src.contracts import Batch, LossBreakdown, Reconstruction
from src.errors import UserError

if TYPE_CHECKING:
    from src.models.training_module import TrainingModule


class AdversarialSteps:
    """The model steps with its critics held fixed, and each critic on the same pass, detached.

    A turn is `trainer.accumulate_grad_batches` batches, fewer at the end of an epoch. In each turn every critic takes a
    step, in every n-th the model too, n being the largest `critic_steps`. Neither sees the other's step of that turn:
    the pass is made once, before both. Lightning counts turns, so `trainer.max_steps` and schedules mean what they mean
    for any other model.

    Lightning's Trainer leaves clipping and accumulation to modules that step by hand, so they are done here; the
    settings are the Trainer's own (`trainer.gradient_clip_val`, which cuts the gradient of each optimizer by itself,
    and `trainer.accumulate_grad_batches`), handed over by `src.build`.
    """

    def __init__(self, module: "TrainingModule") -> None:
        self._module = (module,)  # in a tuple: no submodule of its own submodule
        self.accumulate = 1
        self.clip_to: float | None = None
        self.clip_by: str | None = None

    def configure(self, trainer: Mapping[str, Any]) -> None:
        """Take over what the Trainer's node says of clipping and accumulation.

        Raises:
            UserError: clipping is asked for in 16-mixed, where the gradient is still scaled.
        """
        self.accumulate = int(trainer.get("accumulate_grad_batches") or 1)
        self.clip_to, self.clip_by = trainer.get("gradient_clip_val"), trainer.get("gradient_clip_algorithm")
        if self.clip_to is not None and trainer.get("precision") in ("16-mixed", 16, "16"):
            raise UserError(
                "an adversarial model cannot clip gradients in trainer.precision=16-mixed. Use bf16-mixed, or leave "
                "out trainer.gradient_clip_val."
            )

    @property
    def module(self) -> "TrainingModule":
        """Whose steps these are."""
        return self._module[0]

    def take(self, batch: Batch, batch_idx: int) -> LossBreakdown:
        """The part of one batch in the steps of its turn, and what they saw."""
        module, adversaries = self.module, self.module.objective.adversaries
        own, *theirs = cast(list[Any], module.optimizers())
        count_only(theirs[0], [own, *theirs])
        closes = (batch_idx + 1) % self.accumulate == 0 or module.trainer.is_last_batch
        acts = batch_idx // self.accumulate % max(a.critic_steps for a in adversaries) == 0
        with held_fixed([a.critic for a in adversaries]), torch.set_grad_enabled(acts):
            out = module(batch)
            losses = module.objective.weighted(*module.measure(out))
        if acts:
            self._descend(own, losses.total, closes)
        for (name, loss), optimizer in zip(critic_losses(module, out).items(), theirs, strict=True):
            self._descend(optimizer, loss.mean(), closes)
            losses.watched[name] = loss.detach()
        if closes:
            self._schedule("step")
        return losses

    def end_epoch(self) -> None:
        """What schedulers do once an epoch."""
        self._schedule("epoch")

    def planned(self) -> float:
        """How many turns training takes, infinite where nothing says when it ends."""
        trainer = self.module.trainer
        batches = trainer.estimated_stepping_batches  # as if each were a turn: the Trainer is told of no accumulation
        if trainer.max_epochs == -1 or not math.isfinite(trainer.num_training_batches):
            return batches
        turns = math.ceil(trainer.num_training_batches / self.accumulate) * max(trainer.max_epochs or 1, 1)
        return min(turns, batches)

    def _descend(self, optimizer: Any, loss: Tensor, closes: bool) -> None:
        """Add the gradient of a loss, and step where the turn closes."""
        self.module.manual_backward(loss / self.accumulate)
        if not closes:
            return
        if self.clip_to is not None:
            self.module.clip_gradients(optimizer, self.clip_to, self.clip_by)
        optimizer.step()
        optimizer.zero_grad()

    def _schedule(self, interval: str) -> None:
        score = self.module.trainer.callback_metrics.get(str(self.module.selection_metric))
        for config in self.module.trainer.lr_scheduler_configs:
            if config.interval != interval:
                continue
            if not isinstance(config.scheduler, ReduceLROnPlateau):
                config.scheduler.step()
            elif score is not None:  # a run without validation has none
                config.scheduler.step(float(score))


def count_only(counting: Any, optimizers: list[Any]) -> None:
    """Let Lightning's `global_step`, which counts the steps of all optimizers, count those of one."""
    for optimizer in optimizers:
        if optimizer is not counting:
            optimizer._on_before_step = optimizer._on_after_step = _uncounted


def _uncounted() -> None:
    """In place of what the training loop would do around a step."""


def critic_losses(module: "TrainingModule", out: Reconstruction) -> dict[str, Tensor]:
    """Each critic's own loss on a pass, by the name it is logged as: `critic`, with a number where there are several.

    Where a loss has a gradient it reaches the critic alone.
    """
    adversaries = module.objective.adversaries
    if not adversaries:
        return {}
    out = detached(out)
    names = ["critic"] if len(adversaries) == 1 else [f"critic_{i}" for i in range(len(adversaries))]
    return {name: a.critic_loss(out, cast(Any, module)) for name, a in zip(names, adversaries, strict=True)}


@contextmanager
def held_fixed(critics: list[nn.Module]) -> Iterator[None]:
    """Parameters of the critics take no gradient within."""
    parameters = [p for critic in critics for p in critic.parameters() if p.requires_grad]
    for p in parameters:
        p.requires_grad_(False)
    try:
        yield
    finally:
        for p in parameters:
            p.requires_grad_(True)


def detached(out: Reconstruction) -> Reconstruction:
    """The pass without its gradients, through every tensor of it and of its code."""

    def cut(value: Any) -> Any:
        if isinstance(value, Tensor):
            return value.detach()
        if isinstance(value, tuple):
            return tuple(cut(part) for part in value)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{f.name: cut(getattr(value, f.name)) for f in fields(value) if f.init})
        return value

    return cast(Reconstruction, cut(out))
