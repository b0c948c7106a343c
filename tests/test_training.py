"""How a run ends is told in its folder, whatever way it ends."""

import math
import os
from pathlib import Path

import pytest

from src.errors import UserError
from src.models import ReconstructionModule
from src.run_folder import RunFolder, open_run
from tests.conftest import NO_PICTURES, TINY, run

NAN = [*TINY, "data.limit=1000", "trainer.max_epochs=30", "optimizer=sgd", "optimizer.lr=10"]


def test_a_loss_that_is_no_longer_finite_names_the_term_the_step_and_the_last_good_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        run(tmp_path, "model=sparse", *NAN)
    assert "the term 'reconstruction' became" in str(told.value)
    assert "at step" in str(told.value)
    assert f"The last good checkpoint is {tmp_path / 'checkpoints'}" in str(told.value)
    assert "optimizer.lr" in str(told.value)
    summary = RunFolder(tmp_path).summary()
    assert summary["status"] == "failed"
    assert summary["error"] == str(told.value)
    for parameter in open_run(tmp_path, "last").model.parameters():
        assert parameter.isfinite().all()


def test_a_run_that_cannot_start_says_why_in_its_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        run(tmp_path / "run", "data=mnist", f"data.root={tmp_path / 'nowhere'}")
    assert RunFolder(tmp_path / "run").summary()["status"] == "failed"
    assert "nowhere" in RunFolder(tmp_path / "run").summary()["error"]


def test_early_stopping_is_told_and_can_be_switched_off(tmp_path: Path) -> None:
    still = [*TINY, "trainer.max_epochs=8", "optimizer.lr=1e-12", "callbacks.reconstructions=null"]
    patient = ["callbacks.early_stopping.patience=2", "callbacks.early_stopping.min_delta=0.1"]
    stopped = run(tmp_path / "stopped", *still, *patient)
    assert (stopped["status"], stopped["train/epochs"]) == ("stopped early", 3)
    assert run(tmp_path / "on", *still, "callbacks.early_stopping=null")["train/epochs"] == 8
    assert not (tmp_path / "on" / "figures" / "reconstructions.png").exists()
    assert (tmp_path / "on" / "figures" / "loss_breakdown.png").exists()


def test_the_best_weights_are_the_ones_that_are_tested(tmp_path: Path) -> None:
    summary = run(tmp_path, *TINY, "trainer.max_epochs=4", "optimizer.lr=0.05")
    model, data, _ = open_run(tmp_path, "best")
    data.setup()
    batch = data.test_set.__getitems__(range(len(data.test_set)))
    assert model.losses(batch).total.item() == pytest.approx(summary["test/loss"], rel=1e-5)


def test_training_without_validation_keeps_the_last_weights(tmp_path: Path) -> None:
    summary = run(tmp_path, *TINY, "trainer.limit_val_batches=0")
    assert summary["status"] == "finished"
    assert RunFolder(tmp_path).last.is_file()
    assert not RunFolder(tmp_path).best.exists()


def test_a_run_ended_by_max_steps_is_recorded(tmp_path: Path) -> None:
    summary = run(tmp_path, *TINY, "data.limit=640", "+trainer.max_steps=3")
    assert summary["status"] == "finished"
    assert math.isfinite(summary["test/loss"])


def test_pictures_every_other_epoch(tmp_path: Path) -> None:
    run(tmp_path, *TINY, "trainer.max_epochs=4", "callbacks.reconstructions.every_n_epochs=2")
    figures = {file.name for file in (tmp_path / "figures").iterdir()}
    assert {"reconstructions.png", "reconstructions_epoch0002.png", "reconstructions_epoch0004.png"} <= figures


def test_two_loggers_at_once(tmp_path: Path) -> None:
    run(tmp_path, *TINY, "logger=[wandb,tensorboard]", "logger.wandb.mode=offline")
    assert list((tmp_path / "wandb").glob("offline-run-*"))
    assert list((tmp_path / "tensorboard").glob("events*"))


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path) -> None:
    before = run(tmp_path, *TINY, *NO_PICTURES)
    with pytest.raises(UserError, match="already holds a run"):
        run(tmp_path, *TINY, *NO_PICTURES, "seed=3")
    assert RunFolder(tmp_path).summary() == before


def test_an_interruption_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def test_step(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ReconstructionModule, "validation_step", test_step)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, *TINY, *NO_PICTURES)
    assert f"go on with: python -m src.train resume='{tmp_path}'" in capsys.readouterr().err


def test_the_layers_of_a_stacked_autoencoder_are_its_own(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="model.layers"):
        run(tmp_path, "model=stacked", "network.hidden=[16]", *TINY)


def test_ctrl_c_while_testing_is_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def test_step(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ReconstructionModule, "test_step", test_step)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, *TINY)
    assert RunFolder(tmp_path).summary()["status"] == "interrupted"


def test_a_run_trained_on_a_device_that_is_not_here_can_be_opened(tmp_path: Path) -> None:
    run(tmp_path, *TINY)
    file = RunFolder(tmp_path).config_file
    file.write_text(file.read_text().replace("accelerator: cpu", "accelerator: gpu"))
    assert open_run(tmp_path).config.trainer.accelerator == "gpu"


@pytest.mark.parametrize(
    "typed", ["trainer.max_epochs=-9", "trainer.strategy=foo", "optimizer.lr=-1", "seed=5000000000"]
)
def test_what_a_library_refuses_is_told_as_a_mistake_of_the_config(tmp_path: Path, typed: str) -> None:
    with pytest.raises(UserError, match="trainer|optimizer|seed"):
        run(tmp_path, *TINY, typed)


def test_the_default_run_beats_pca(tmp_path: Path) -> None:
    """Row 0 of the figures to reach: scikit-learn's digits, a code of 8, se at most 1.4."""
    summary = run(tmp_path, *NO_PICTURES)
    assert summary["model/latent_dim"] == 8
    assert summary["test/se"] <= 1.4
    assert summary["baseline/pca_se"] == pytest.approx(1.57, abs=0.01)
    for figure, better in {"se": min, "mse": min, "psnr": max, "ssim": max}.items():
        ours, pca = summary[f"test/{figure}"], summary[f"baseline/pca_{figure}"]
        assert better(ours, pca) == ours != pca


@pytest.mark.full
def test_a_linear_autoencoder_is_pca_on_mnist(tmp_path: Path) -> None:
    """Rows 1 and 2 of the figures to reach."""
    if not (Path(os.environ.get("HOURGLASS_DATA", "data")) / "MNIST" / "raw").is_dir():
        pytest.skip("MNIST is not here; HOURGLASS_DATA names the folder that has it")
    summary = run(tmp_path, "experiment=linear_is_pca", *NO_PICTURES)
    assert summary["baseline/pca_se"] == pytest.approx(13.87, abs=0.01)
    assert summary["test/se"] <= 14.0
    assert summary["test/pca_angle"] < 5
