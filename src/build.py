"""From a composed config to objects: the one place where the groups are put together.

Only the entries and `run_folder` call this; everything below takes objects and plain values, never a config.
"""

from typing import Any

from hydra.utils import instantiate
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import Logger
from omegaconf import DictConfig

from src.corruptions import Chain
from src.data import ImageData
from src.models import ReconstructionModule


def build_model(cfg: DictConfig) -> ReconstructionModule:
    """The model with its network, loss, regularizers, corruption, optimizer and scheduler."""
    corruptions = _each(cfg.corruption)
    return instantiate(
        cfg.model,
        shape=list(cfg.data.shape),
        data_range=list(cfg.data.range),
        network=instantiate(cfg.network),
        loss=instantiate(cfg.loss),
        regularizers=_each(cfg.regularizer),
        corruption=Chain(list(corruptions.values())) if corruptions else None,
        optimizer=instantiate(cfg.optimizer),
        scheduler=instantiate(cfg.scheduler),
        seed=cfg.seed,
    )


def build_data(cfg: DictConfig) -> ImageData:
    """The data module, nothing loaded yet."""
    return instantiate(cfg.data, _convert_="all")


def build_callbacks(cfg: DictConfig) -> list[Callback]:
    """The named callbacks that are not switched off."""
    return list(_each(cfg.callbacks).values())


def build_loggers(cfg: DictConfig) -> dict[str, Any]:
    """The loggers by name, `wandb` as a function that still wants to know the run."""
    return _each(cfg.logger)


def build_trainer(cfg: DictConfig, callbacks: list[Callback], loggers: list[Logger]) -> Trainer:
    """Lightning's Trainer."""
    return instantiate(cfg.trainer, _convert_="all", callbacks=callbacks, logger=loggers or False)


def _each(group: DictConfig) -> dict[str, Any]:
    return {str(name): instantiate(node, _convert_="all") for name, node in group.items() if node is not None}
