"""Each shipped config builds its data module with the very keys of its signature."""

import importlib
import inspect
from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

import src.data

CONFIGS = sorted((Path(src.data.__file__).parents[2] / "conf" / "data").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_names_every_parameter_and_no_other(path: Path) -> None:
    config = OmegaConf.load(path)
    assert isinstance(config, DictConfig)
    assert path.read_text().startswith("# @package _global_\n")
    assert config.trainer.max_epochs > 0
    config.seed = 0
    module, name = config.data._target_.rsplit(".", 1)
    kind = getattr(importlib.import_module(module), name)
    values = {
        key: value for key, value in OmegaConf.to_container(config.data, resolve=True).items() if key != "_target_"
    }
    assert set(values) == set(inspect.signature(kind).parameters)
    data = kind(**values)
    assert data.shape == tuple(config.data.shape)
    assert data.range == (0.0, 1.0)
