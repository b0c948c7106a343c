"""What the Trainer is told that a config does not say."""

from typing import Any

import pytest
from lightning.pytorch.strategies import DDPStrategy

from src.build import build_model, build_trainer
from src.errors import UserError
from tests.conftest import compose_config

TWO = ["trainer.accelerator=cpu", "trainer.devices=2", "logger=none", "folder=unused"]
SMALL = ["model.critic=[4]"]


def trainer_for(*typed: str) -> Any:
    cfg = compose_config([*TWO, *typed])
    return build_trainer(cfg, build_model(cfg), [], [])


@pytest.mark.parametrize("strategy", ["auto", "ddp"])
def test_processes_are_told_of_parameters_that_rest_however_they_were_asked_for(strategy: str) -> None:
    layerwise = ["model=stacked", "model.pretrain=layerwise"]
    for model, rests in ((["model=aae", *SMALL], True), (layerwise, True), (["model=vae"], False)):
        trainer = trainer_for(*model, f"trainer.strategy={strategy}")
        assert isinstance(trainer.strategy, DDPStrategy)
        assert trainer.strategy._ddp_kwargs.get("find_unused_parameters", False) is rests


def test_a_closed_form_wants_one_process() -> None:
    with pytest.raises(UserError, match=r"trainer\.devices=1"):
        trainer_for("model=pca", "trainer.devices=2")


@pytest.mark.parametrize("model", ["gan", "vaegan"])
def test_a_loss_that_counts_for_nothing_has_nothing_to_learn(model: str) -> None:
    with pytest.raises(UserError, match="loss.variance=fixed"):
        build_model(compose_config([f"model={model}", "loss=gaussian", "loss.variance=global", "logger=none"]))
