"""What the jobs of a process share changes none of their results."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from src import training
from src.data import DataModule, Digits, ExampleSet
from src.run_folder import RunFolder
from src.sweeps.composing import Once
from src.sweeps.shared import Shared, shared_by
from src.training import train
from tests.conftest import ALONE, NO_PICTURES, compose_config

QUICK = [*ALONE, *NO_PICTURES, "trainer.max_epochs=2", "network.hidden=[8]"]
FIGURES = ("test/loss", "test/se", "test/ssim", "baseline/pca_se", "baseline/pca_ssim", "baseline/pca_components")
DATA = {
    "digits": ["data=digits", "data.limit=192"],
    "dynamic pixels": ["data=digits", "data.limit=192", "data.binarize=dynamic", "loss=bce"],
    "a table": ["data=wine"],  # loading fits its scale
    "series": ["data=series", "data.n_train=96", "data.n_val=32", "data.n_test=32", "network=conv1d"],
}


def trained(folder: Path, overrides: list[str], shared: Shared | None = None) -> dict[str, Any]:
    typed = [*QUICK, *overrides]
    if "network=conv1d" in overrides:
        typed.remove("network.hidden=[8]")
    return train(compose_config(typed), RunFolder(folder), overrides=typed, shared=shared)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(RunFolder(folder).last, weights_only=True)["state_dict"]


@pytest.mark.parametrize("data", DATA.values(), ids=DATA.keys())
def test_a_run_gives_in_a_sweep_what_it_gives_alone(tmp_path: Path, data: list[str]) -> None:
    shared = Shared()
    for seed in (1, 2, 1):
        trained(tmp_path / f"before{len(list(tmp_path.iterdir()))}", [*data, f"seed={seed}"], shared)
    last = [*data, "seed=3", "model.latent_dim=2"]
    together = trained(tmp_path / "together", last, shared)
    alone = trained(tmp_path / "alone", last)
    one, other = weights(tmp_path / "alone"), weights(tmp_path / "together")
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert {key: together.get(key) for key in FIGURES} == {key: alone.get(key) for key in FIGURES}
    assert (tmp_path / "together/metrics.csv").read_text() == (tmp_path / "alone/metrics.csv").read_text()


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one each time that digits are loaded or PCA is fitted: [loads, fits]."""
    counts = [0, 0]
    load, fit = Digits.load, training.pca_baseline

    def loading(self: Digits) -> Any:
        counts[0] += 1
        return load(self)

    def fitting(data: DataModule, latent_dim: int) -> dict[str, float | str | int]:
        counts[1] += 1
        return fit(data, latent_dim)

    monkeypatch.setattr(Digits, "load", loading)
    monkeypatch.setattr(training, "pca_baseline", fitting)
    return counts


def test_each_set_is_loaded_once_and_pca_fitted_once_for_each_code_size(tmp_path: Path, loads: list[int]) -> None:
    shared = Shared()
    jobs = [["seed=1"], ["seed=2"], ["data.batch_size=32"], ["model.latent_dim=2"], ["data.limit=64"]]
    for number, job in enumerate(jobs):
        trained(tmp_path / str(number), ["data=digits", *job], shared)
    assert loads == [2, 3]


def test_another_sweep_starts_anew() -> None:
    first = shared_by("outputs/multirun/one")
    assert shared_by("outputs/multirun/one") is first
    assert shared_by("outputs/multirun/two") is not first


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch, loads: list[int]) -> None:
    monkeypatch.setattr("src.sweeps.shared.MOST_BYTES", 0)
    shared = Shared()
    for split_seed in (1, 2, 1):
        shared.data(compose_config(["data=digits", f"data.split_seed={split_seed}"])).setup()
    assert loads[0] == 3
    monkeypatch.setattr("src.sweeps.shared.MOST_BYTES", 2**20)
    for split_seed in (1, 2, 1):
        shared.data(compose_config(["data=digits", f"data.split_seed={split_seed}"])).setup()
    assert loads[0] == 4


def test_training_leaves_the_shared_examples_as_they_are(tmp_path: Path) -> None:
    shared, cfg = Shared(), compose_config(["data=digits", "data.limit=64"])
    data = shared.data(cfg)
    data.setup()
    before = {name: stored(data, name) for name in ("train_set", "val_set", "test_set")}
    trained(tmp_path / "run", ["data=digits", "data.limit=64", "data.binarize=none"], shared)
    again = shared.data(cfg)
    again.setup()
    assert all(torch.equal(stored(again, name), values) for name, values in before.items())
    assert json.loads((tmp_path / "run/summary.json").read_text())["status"] == "finished"


def stored(data: DataModule, name: str) -> torch.Tensor:
    examples: ExampleSet = getattr(data, name)
    return examples.stored.clone()


def test_a_config_is_composed_once_and_each_job_has_its_own() -> None:
    asked = []

    def compose(master: DictConfig, overrides: Sequence[str]) -> DictConfig:
        asked.append(list(overrides))
        return OmegaConf.create({"seed": int(overrides[0].split("=")[1]), "folder": None})

    once, master = Once(compose), OmegaConf.create()
    first, second, other = (once(master, [typed]) for typed in ("seed=1", "seed=1", "seed=2"))
    assert asked == [["seed=1"], ["seed=2"]]
    first.folder = "mine"
    assert (second.seed, second.folder, other.seed) == (1, None, 2)
