"""The training half of every variant: how steps are taken, what is logged and what a checkpoint keeps."""

from collections.abc import Callable
from typing import Any, ClassVar, cast, final

import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from src.contracts import Autoencoding, Batch, LossBreakdown, Reconstruction
from src.errors import UserError
from src.models.adversarial_steps import AdversarialSteps, critic_losses
from src.models.optimization import OptimizerFactory, SchedulerFactory, check_plateau, configure, retune
from src.models.term_log import TermLog
from src.objective import Objective
from src.schedules import Schedule


class TrainingModule(LightningModule):
    """Steps over the objective of a batch; what that objective is, a subclass says in `losses`.

    Where a term is an `Adversary` the module takes its steps by hand (`AdversarialSteps`); all others leave that to
    Lightning.
    """

    selection_metric: ClassVar[str | None] = "val/loss"
    """The figure, smaller is better, by which the best checkpoint is chosen; None: there is none, the last is it."""

    def __init__(
        self,
        objective: Objective,
        optimizer: OptimizerFactory,
        scheduler: Schedule | SchedulerFactory | None,
        seed: int,
    ) -> None:
        super().__init__()
        check_plateau(scheduler, type(self).__name__, self.selection_metric)
        self.objective, self.seed = objective, seed
        self._optimizer, self._scheduler = optimizer, scheduler
        self._saved_rates: list[float] = []
        self.train_terms, self.eval_terms = TermLog(), TermLog()
        self.by_hand = AdversarialSteps(self) if objective.adversaries else None
        self.automatic_optimization = self.by_hand is None
        self._compiled: Callable[[Batch], tuple[dict[str, Tensor], dict[str, Tensor]]] | None = None

    def losses(self, batch: Batch) -> LossBreakdown:
        """The objective of one batch, and what is watched, the critics' own losses included."""
        return self.measured(self(batch))

    def measured(self, out: Reconstruction) -> LossBreakdown:
        """The same of one pass."""
        losses = self.objective.weighted(*self.measure(out))
        losses.watched.update(critic_losses(self, out))
        return losses

    def compile_steps(self) -> None:
        """Compile pass and terms of a training step into one graph; what a schedule says stays outside of it.

        Raises:
            UserError: the module steps by hand.
        """
        if self.by_hand:
            raise UserError(f"{type(self).__name__} takes its steps by hand, which compile=true cannot. Leave it out.")
        self._compiled = torch.compile(self.step_terms)

    def measure(self, out: Reconstruction) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Terms and what is watched of one pass, without weights and critics."""
        return self.objective.measured(out, cast(Autoencoding, self)), self.watch(out)

    def step_terms(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Terms and what is watched in a training step."""
        return self.measure(self(batch))

    def watch(self, out: Reconstruction) -> dict[str, Tensor]:
        """What is logged beside the terms, (B,) or () each, without a part in the loss."""
        return {}

    def on_progress(self, progress: float) -> None:
        """Told at each step how far training has come, in [0, 1], and 1 outside training; for what is scheduled."""
        self.objective.progress = progress

    @property
    def leaves_parameters_out(self) -> bool:
        """Whether some steps train only some of the parameters, which DDP must be told."""
        return self.by_hand is not None

    @property
    def preparing(self) -> bool:
        """Whether a phase is under way in which the selection metric says little yet: early stopping waits."""
        return False

    @property
    def scheduled(self) -> bool:
        """Whether anything changes with progress."""
        return self.objective.scheduled

    # The step --------------------------------------------------------------------------------------------------------

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor | None:
        if self.scheduled:
            self.on_progress(min(1.0, self.global_step / self.planned_steps()))
        by_hand = self.by_hand
        terms = self._compiled or self.step_terms
        losses = by_hand.take(batch, batch_idx) if by_hand else self.objective.weighted(*terms(batch))
        self.train_terms.add(losses, len(batch.x), self.global_step)
        return None if self.by_hand else losses.total

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        self.eval_terms.add(self.losses(batch), len(batch.x), self.global_step)

    def planned_steps(self) -> float:
        """How many steps training takes, infinite where nothing says when it ends; as `global_step` counts them."""
        return self.by_hand.planned() if self.by_hand else self.trainer.estimated_stepping_batches

    # The epoch -------------------------------------------------------------------------------------------------------

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx == 0:  # the epoch's randomness follows from (seed, epoch, rank): a resumed run meets the same
            torch.manual_seed((self.seed * 1_000_003 + self.current_epoch) * 1_009 + self.global_rank)

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        if self.trainer.is_last_batch:
            self._log_training()

    def on_train_epoch_end(self) -> None:
        if not self.train_terms.empty:  # trainer.max_steps ended the epoch before its last batch
            self._log_training()
        if self.by_hand:
            self.by_hand.end_epoch()

    def on_validation_start(self) -> None:
        self.on_progress(1.0)

    on_test_start = on_validation_start

    def on_validation_epoch_end(self) -> None:
        self._log_terms("val", self.eval_terms)

    def on_test_epoch_end(self) -> None:
        self._log_terms("test", self.eval_terms)

    def _log_training(self) -> None:
        self._log_terms("train", self.train_terms)
        weights = {f"weight/{name}": weight for name, weight in self.objective.weights().items()}
        self.log_dict(weights, on_step=False, on_epoch=True, batch_size=1)

    def _log_terms(self, stage: str, terms: TermLog) -> None:
        """Log the mean of each term over all images of the epoch and all processes."""
        means = terms.finish(self._over_processes)
        values = {f"{stage}/{name}": value for name, value in means.items()}
        self.log_dict(values, on_step=False, on_epoch=True, batch_size=1)

    def _over_processes(self, sums: Tensor) -> Tensor:
        if self.trainer.world_size == 1:
            return sums
        return self.trainer.strategy.reduce(sums.to(self.device), reduce_op="sum").cpu()

    # Optimizers and checkpoints --------------------------------------------------------------------------------------

    @final
    def configure_optimizers(self) -> Any:
        if not any(p.requires_grad for p in self.parameters()):
            return None
        critics = self.objective.adversaries
        theirs = {id(p) for adversary in critics for p in adversary.critic.parameters()}
        own = [p for p in self.parameters() if id(p) not in theirs]
        groups = [(own, None), *((list(a.critic.parameters()), a.rate) for a in critics)]
        assert sum(len(group) for group, _ in groups) == len(list(self.parameters())), "disjoint and complete"
        configured = [
            configure(self, group, self._optimizer, self._scheduler, rate, self.planned_steps) for group, rate in groups
        ]
        return configured if self.by_hand else configured[0]

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        rates = [float(optimizer.defaults["lr"]) for optimizer in self.trainer.optimizers if optimizer.param_groups]
        checkpoint["configured_rates"] = rates

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._saved_rates = checkpoint.get("configured_rates", [])

    def on_fit_start(self) -> None:
        self.objective.prepare(len(self.trainer.datamodule.train_set))  # type: ignore[attr-defined]

    def on_train_start(self) -> None:
        schedulers = [config.scheduler for config in self.trainer.lr_scheduler_configs]
        for optimizer, rate in zip(self.trainer.optimizers, self._saved_rates, strict=False):
            retune(optimizer, [s for s in schedulers if s.optimizer is optimizer], rate)
        if self.scheduled and self.planned_steps() == float("inf"):
            raise UserError("a scheduled weight needs an end to run to: set trainer.max_epochs, or a number for it")
