"""What tests share: composing a config as the command line does, and training it in this process."""

from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from src.configuration.files import CONF
from src.run_folder import RunFolder

ALONE = ["logger=none", "accelerator=cpu", "callbacks.progress=null"]
"""A run that draws nothing on the terminal and starts no logger."""
TINY = ["data=digits", "data.limit=64", "trainer.max_epochs=1", "callbacks.latent_map=null"]
"""One step of training, and no t-SNE."""


NO_PICTURES = [f"callbacks.{name}=null" for name in ("reconstructions", "samples", "latent_map", "loss_breakdown")]
"""Drawing takes longer than training does on tiny data."""


def compose_config(overrides: list[str]) -> DictConfig:
    """What `python -m src.train <overrides>` composes."""
    with initialize_config_dir(str(CONF), version_base=None):
        return compose("train", overrides)


def run(folder: Path, *overrides: str) -> dict[str, Any]:
    """Train what the overrides say into `folder`, quietly and on the CPU unless they say otherwise; the summary."""
    from src.training import train  # takes seconds to import: not for tests that train nothing

    typed = [*ALONE, *overrides]
    return train(compose_config(typed), RunFolder(folder), overrides=typed)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of a tiny VAE on 8 x 8 digits. Shared: copy it before changing it."""
    folder = tmp_path_factory.mktemp("run") / "vae"
    run(folder, "model=vae", "model.latent_dim=2", *TINY)
    return folder
