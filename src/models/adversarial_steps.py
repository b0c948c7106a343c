"""Steps by hand: the model against its critics."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from src.contracts import Batch, LossBreakdown, Reconstruction
from src.errors import UserError

if TYPE_CHECKING:
    from src.models.training_module import TrainingModule


class AdversarialSteps:
    """One step of the model with its critics held fixed, then one of each critic on the same pass, detached.

    Lightning's Trainer leaves clipping and accumulation to modules that step by hand, so they are done here; the
    settings are the Trainer's own (`trainer.gradient_clip_val`, `trainer.accumulate_grad_batches`), handed over by
    `src.build`.
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
        """Both steps of one batch, and what they saw."""
        module, adversaries = self.module, self.module.objective.adversaries
        own, *theirs = cast(list[Any], module.optimizers())
        acts = batch_idx % max(a.critic_steps for a in adversaries) == 0
        with held_fixed([a.critic for a in adversaries]), torch.set_grad_enabled(acts):
            out = module(batch)
            losses = module.measured(out)
        if acts:
            self._step(own, losses.total, batch_idx // max(a.critic_steps for a in adversaries))
        out = detached(out)
        for adversary, optimizer in zip(adversaries, theirs, strict=True):
            loss = adversary.critic_loss(out, cast(Any, module))
            self._step(optimizer, loss.mean(), batch_idx)
            losses.watched[critic_name(adversaries, adversary)] = loss.detach()
        if self._closes(batch_idx):
            for scheduler in self._schedulers():
                if not isinstance(scheduler, ReduceLROnPlateau):
                    scheduler.step()
        return losses

    def end_epoch(self) -> None:
        """Plateau schedulers look at the figure of the epoch."""
        metric = self.module.selection_metric
        score = self.module.trainer.callback_metrics.get(metric) if metric else None
        for scheduler in self._schedulers():
            if isinstance(scheduler, ReduceLROnPlateau) and score is not None:
                scheduler.step(float(score))

    def _schedulers(self) -> list[LRScheduler]:
        return [config.scheduler for config in self.module.trainer.lr_scheduler_configs]

    def _closes(self, batch_idx: int) -> bool:
        return (batch_idx + 1) % self.accumulate == 0 or self.module.trainer.is_last_batch

    def _step(self, optimizer: Any, loss: Tensor, turn: int) -> None:
        """Add the gradient of a loss; step when enough are added up."""
        self.module.manual_backward(loss / self.accumulate)
        if (turn + 1) % self.accumulate and not self.module.trainer.is_last_batch:
            return
        if self.clip_to is not None:
            self.module.clip_gradients(optimizer, self.clip_to, self.clip_by)
        optimizer.step()
        optimizer.zero_grad()


def critic_losses(module: "TrainingModule", out: Reconstruction) -> dict[str, Tensor]:
    """Each critic's own loss on a pass, outside training."""
    adversaries = module.objective.adversaries
    if not adversaries:
        return {}
    out = detached(out)
    return {critic_name(adversaries, a): a.critic_loss(out, cast(Any, module)) for a in adversaries}


def critic_name(adversaries: list[Any], adversary: Any) -> str:
    """What a critic's loss is logged as: `critic`, or with its number where there are several."""
    return "critic" if len(adversaries) == 1 else f"critic_{adversaries.index(adversary)}"


@contextmanager
def held_fixed(critics: list[nn.Module]) -> Iterator[None]:
    """Parameters of the critics take no gradient within."""
    parameters = [p for critic in critics for p in critic.parameters()]
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
