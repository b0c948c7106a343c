"""Each shipped config builds its data module with the very keys of its signature."""

import pytest
from hydra.utils import instantiate

from src.configuration.files import CONF
from src.configuration.signatures import locate, signature
from tests.conftest import compose_config

NAMES = sorted(file.stem for file in (CONF / "data").glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_config_names_every_parameter_and_no_other(name: str) -> None:
    config = compose_config([f"data={name}"])
    assert (CONF / "data" / f"{name}.yaml").read_text().startswith("# @package _global_\n# ")
    assert config.trainer.max_epochs > 0
    takes = signature(locate(config.data._target_))
    assert takes is not None
    assert set(config.data) - {"_target_"} == set(takes.parameters)
    data = instantiate(config.data, _convert_="all")
    assert data.shape == tuple(config.data.shape or ())
