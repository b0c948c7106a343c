"""A real run, read back from W&B's own file: every term by epoch, pictures, codes and the whole config."""

import sys
from pathlib import Path

import pytest

from src import train
from tests.conftest import TINY, run
from tests.wandb_file import wandb_files

OFFLINE = ["logger=wandb", "logger.wandb.mode=offline"]


def test_a_run_is_whole_in_wandb(tmp_path: Path) -> None:
    summary = run(tmp_path, "model=vae", *TINY, "trainer.max_epochs=3", *OFFLINE)
    (found,) = wandb_files(tmp_path)
    for name in ("train/loss", "train/reconstruction", "train/kl", "val/loss", "val/kl", "weight/kl", "learning_rate"):
        assert len(found.column(name)) == 3, name
    assert found.column("test/se") == pytest.approx([summary["test/se"]])
    assert found.column("baseline/pca_se") == pytest.approx([summary["baseline/pca_se"]])
    assert found.config["model"]["_target_"] == "src.models.VariationalAutoencoder"
    assert found.config["data"]["shape"] == [1, 8, 8]
    assert found.exit_code == 0


def test_the_jobs_of_a_sweep_are_runs_of_one_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    quiet = ["callbacks.progress=null", "accelerator=cpu"]
    typed = ["-m", "model=vae,sparse", *TINY, *OFFLINE, *quiet, "hydra.sweep.dir=outputs/multirun/my_sweep"]
    monkeypatch.setattr(sys, "argv", [str(Path(train.__file__)), *typed])
    train.main()
    runs = [wandb_files(tmp_path / "outputs" / "multirun" / "my_sweep" / job)[0] for job in "01"]
    assert {found.run.run_group for found in runs} == {"my_sweep"}
    assert {found.run.job_type for found in runs} == {"train"}
    assert len({found.run.run_id for found in runs}) == 2
    assert [found.run.display_name for found in runs] == ["vae-digits-seed0", "sparse-digits-seed0"]
    assert [list(found.run.tags) for found in runs] == [["vae", "digits"], ["sparse", "digits"]]
    assert [found.config["model"]["_target_"].split(".")[-1] for found in runs] == [
        "VariationalAutoencoder",
        "SparseAutoencoder",
    ]


def test_a_failed_run_is_closed_as_failed(tmp_path: Path) -> None:
    from src.errors import UserError

    with pytest.raises(UserError, match="became nan at step|became inf at step"):
        run(
            tmp_path,
            "model=undercomplete",
            *TINY,
            "trainer.max_epochs=30",
            "optimizer=sgd",
            "optimizer.lr=1e9",
            *OFFLINE,
        )
    (found,) = wandb_files(tmp_path)
    assert found.exit_code == 1


def test_a_run_that_goes_on_offline_counts_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "run"
    run(folder, "model=vae", *TINY, "trainer.max_epochs=3", "callbacks.reconstructions.every_n_epochs=1", *OFFLINE)
    monkeypatch.setattr(sys, "argv", [str(Path(train.__file__)), f"resume={folder}", "trainer.max_epochs=5"])
    train.main()
    first, second = wandb_files(folder)
    assert first.run.run_id == second.run.run_id
    assert min(second.column("_step")) > max(first.column("_step"))
    assert second.column("train/kl") != first.column("train/kl")
    assert len(second.column("train/kl")) == 2
