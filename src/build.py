"""From a composed config to objects: the one place where the groups are put together.

Only the entries and `run_folder` call this; everything below takes objects and plain values, never a config.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import ProgressBar
from lightning.pytorch.loggers import Logger
from lightning.pytorch.strategies import DDPStrategy
from omegaconf import DictConfig

from src.corruptions import Chain, Corruption
from src.data import DataModule
from src.errors import UserError
from src.losses import ReconstructionLoss
from src.models import ReconstructionModule
from src.models.optimization import OptimizerFactory, SchedulerFactory
from src.networks import NetworkFactory
from src.ranges import Seed, ends
from src.regularizers import Regularizer
from src.schedules import Schedule


@dataclass
class Run:
    """The parts of a run by the keys of `conf/train.yaml`, for a config to be held against; nothing makes one."""

    seed: Seed
    model: ReconstructionModule
    network: NetworkFactory
    loss: ReconstructionLoss
    regularizer: dict[str, Regularizer | None]
    corruption: dict[str, Corruption | None]
    optimizer: OptimizerFactory
    scheduler: Schedule | SchedulerFactory | None
    data: DataModule
    trainer: Trainer
    callbacks: dict[str, Callback | None]
    logger: dict[str, Logger | Callable[..., Logger] | None]
    compile: bool = False


def built(node: Any, **parts: Any) -> Any:
    """What a node describes; a `UserError` of its constructor comes through as it is."""
    try:
        return instantiate(node, _convert_="all", **parts)
    except InstantiationException as error:
        if isinstance(error.__cause__, UserError):
            raise error.__cause__ from None
        raise


def build_model(cfg: DictConfig) -> ReconstructionModule:
    """The model with its network, loss, regularizers, corruption, optimizer and scheduler."""
    corruptions = _each(cfg.corruption)
    return built(
        cfg.model,
        shape=list(cfg.data.shape),
        data_range=list(ends(cfg.data.range)),
        network=built(cfg.network),
        loss=built(cfg.loss),
        regularizers=_each(cfg.regularizer),
        corruption=Chain(list(corruptions.values())) if corruptions else None,
        optimizer=built(cfg.optimizer),
        scheduler=built(cfg.scheduler),
        seed=cfg.seed,
    )


def build_data(cfg: DictConfig) -> DataModule:
    """The data module, nothing loaded yet."""
    return built(cfg.data)


def build_callbacks(cfg: DictConfig) -> list[Callback]:
    """The named callbacks that are not switched off."""
    return list(_each(cfg.callbacks).values())


def build_loggers(cfg: DictConfig) -> dict[str, Any]:
    """The loggers by name, `wandb` as a function that still wants to know the run."""
    return _each(cfg.logger)


def build_trainer(
    cfg: DictConfig, model: ReconstructionModule, callbacks: list[Callback], loggers: list[Logger]
) -> Trainer:
    """Lightning's Trainer.

    What it refuses to do for a module that steps by hand (clipping, accumulation) that module is told to do itself; and
    DDP is told of a module that leaves some parameters out of some steps.

    Raises:
        UserError: the Trainer refuses its settings, or several processes are asked for where one does it all.
    """
    wanted: dict[str, Any] = {}
    if model.by_hand:
        model.by_hand.configure(cfg.trainer)
    if not model.automatic_optimization:
        wanted = {"gradient_clip_val": None, "gradient_clip_algorithm": None, "accumulate_grad_batches": 1}
    bar = any(isinstance(callback, ProgressBar) for callback in callbacks)  # Lightning would add its own
    try:
        trainer = built(cfg.trainer, callbacks=callbacks, logger=loggers or False, enable_progress_bar=bar, **wanted)
    except InstantiationException as error:
        raise UserError(f"trainer: {error.__cause__ or error}") from error
    if isinstance(trainer.strategy, DDPStrategy):
        if not any(p.requires_grad for p in model.parameters()):
            raise UserError(
                f"{type(model).__name__} takes no gradient steps, so several processes have nothing to share out. Use "
                "trainer.devices=1 trainer.strategy=auto."
            )
        if model.leaves_parameters_out:  # whichever way DDP was chosen: by name, or by trainer.devices
            trainer.strategy._ddp_kwargs["find_unused_parameters"] = True
    return trainer


def _each(group: DictConfig) -> dict[str, Any]:
    return {str(name): built(node) for name, node in group.items() if node is not None}
