"""Run folders written by hand: tiny, and of the very files that a run leaves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

TARGETS = {"vae": "src.models.VariationalAutoencoder", "undercomplete": "src.models.UndercompleteAutoencoder"}


def config(model: str = "vae", seed: int = 0, **settings: Any) -> dict[str, Any]:
    """A saved config with the parts that every run has; `settings` are dotted keys with __ for the dot."""
    cfg = OmegaConf.create(
        {
            "seed": seed,
            "data": {"_target_": "src.data.Digits", "seed": seed, "split_seed": 0, "shape": [1, 8, 8], "range": [0, 1]},
            "model": {"_target_": TARGETS[model], "latent_dim": 8},
            "network": {"_target_": "src.networks.MlpNetwork", "_partial_": True},
            "loss": {"_target_": "src.losses.SquaredError"},
            "optimizer": {"_target_": "torch.optim.Adam", "_partial_": True, "lr": 0.001},
            "trainer": {"_target_": "lightning.pytorch.Trainer", "max_epochs": 2},
            "regularizer": {}, "corruption": {}, "callbacks": {}, "logger": {}, "scheduler": None,
        }
    )  # fmt: skip
    for key, value in settings.items():
        OmegaConf.update(cfg, key.replace("__", "."), value, force_add=True)
    plain = OmegaConf.to_container(cfg)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def write_run(
    folder: Path,
    model: str = "vae",
    seed: int = 0,
    se: float | None = 1.0,
    typed: tuple[str, ...] | None = None,
    summary: Mapping[str, Any] | None = None,
    scores: Mapping[str, Any] | None = None,
    way: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Path:
    """A finished run with this test error; `summary` adds to its summary, `scores` makes a scorecard.json, measured in
    the way that `way` says.
    """
    (folder / ".hydra").mkdir(parents=True)
    told = {"status": "finished", "seed": seed, "test/se": se, "train/epochs": 2, "model/code_size": 8}
    told |= {"baseline/pca_se": 2.0, "baseline/pca_components": 8, "train/seconds": 1.5, **(summary or {})}
    (folder / "summary.json").write_text(json.dumps(told))
    rows = ["epoch,val/loss,val/reconstruction,val/kl,weight/kl", "0,3.0,2.0,1.0,0.5", "1,2.0,1.5,1.0,0.5"]
    (folder / "metrics.csv").write_text("\n".join(rows) + "\n")
    overrides = [f"model={model}", f"seed={seed}"] if typed is None else list(typed)
    (folder / ".hydra" / "config.yaml").write_text(OmegaConf.to_yaml(config(model, seed, **settings)))
    (folder / ".hydra" / "overrides.yaml").write_text(OmegaConf.to_yaml(overrides))
    if scores is not None:
        (folder / "scorecard.json").write_text(json.dumps({"rival": "PCA-8", **(way or {}), "scores": scores}))
    return folder
