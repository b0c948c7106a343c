"""An interrupted run goes on as if nothing had happened, and whatever cannot go on is told in one sentence."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from src import train
from src.callbacks.record import read_rows
from src.models import ReconstructionModule
from src.run_folder import RunFolder
from tests.conftest import NO_PICTURES, run

SMALL = ["data.limit=192", "trainer.max_epochs=4", "network.hidden=[32]", *NO_PICTURES]
RUNS = {
    "vae": ["model=vae", "data.binarize=dynamic", "network.dropout=0.2"],
    "denoising": ["model=denoising", "corruption=[gaussian,masking]"],
    "with a scheduler": ["model=undercomplete", "scheduler=cosine", "scheduler.warmup=0.2"],
    "layer by layer": [
        *("model=stacked", "network.hidden=null", "model.layers=1", "model.nodes=32", "model.pretrain=layerwise"),
        *("model.pretrain_epochs=1", "model.pretrain_masking=0.2"),
    ],
    "aae": ["model=aae", "model.critic=[16]", "scheduler=cosine", "trainer.accumulate_grad_batches=2"],
    "wasserstein": [
        "model=gan",
        "network=mlp",
        "model.critic=[4,8]",
        "model.objective=wasserstein",
        "model.critic_steps=2",
    ],
    "vaegan": ["model=vaegan", "network=mlp", "model.critic=[4,8]"],
    "factor_vae": ["model=factor_vae", "model.critic=[8]"],
    "beta_tcvae": ["model=beta_tcvae"],
    "with dead units and a threshold": ["model=batch_topk", "network=mlp", "model.k=4", "model.dead_after=100"],
    "with a falling temperature": ["model=categorical"],
    "with a plateau": ["model=sparse", "scheduler=plateau", "optimizer=sgd", "scheduler.patience=0"],
}
Resume = Callable[..., int]


@pytest.fixture
def resume(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Resume:
    """Types `python -m src.train resume=<folder> ...` in an empty folder; gives the exit code."""
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)

    def enter(folder: Path, *typed: str) -> int:
        monkeypatch.setattr(sys, "argv", [str(Path(train.__file__)), f"resume={folder}", *typed])
        try:
            train.main()
        except SystemExit as end:
            return int(end.code or 0)
        assert not (elsewhere / "outputs").exists(), "a second run folder was opened"
        return 0

    return enter


def interrupt_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Ctrl-C in the middle of the given training step."""
    original = ReconstructionModule.training_step

    def training_step(self: ReconstructionModule, batch: object, batch_idx: int) -> object:
        if self.global_step == step:
            raise KeyboardInterrupt
        return original(self, batch, batch_idx)  # type: ignore[arg-type]

    monkeypatch.setattr(ReconstructionModule, "training_step", training_step)


def assert_same_end(one: Path, other: Path) -> None:
    """Weights, optimizer and every figure of every epoch are equal, bit for bit."""
    a, b = (torch.load(RunFolder(f).last, weights_only=True) for f in (one, other))
    assert (a["epoch"], a["global_step"]) == (b["epoch"], b["global_step"])
    assert a["state_dict"].keys() == b["state_dict"].keys()
    for key, value in a["state_dict"].items():
        assert torch.equal(value, b["state_dict"][key]), key
    moments = ([s["state"] for s in c["optimizer_states"]] for c in (a, b))
    assert str(next(moments)) == str(next(moments))
    assert read_rows(one / "metrics.csv") == read_rows(other / "metrics.csv")
    same = ("status", "train/epochs", "test/loss", "test/se", "test/ssim", "baseline/pca_se")
    assert [RunFolder(one).summary().get(k) for k in same] == [RunFolder(other).summary().get(k) for k in same]


@pytest.mark.parametrize("options", RUNS.values(), ids=RUNS.keys())
@pytest.mark.parametrize("step", [1, 7])
def test_ctrl_c_then_resume_ends_as_a_run_never_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resume: Resume, options: list[str], step: int
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    run(whole, *SMALL, *options)
    with monkeypatch.context() as patch:
        interrupt_at(patch, step)
        with pytest.raises(KeyboardInterrupt):
            run(cut, *SMALL, *options)
    assert RunFolder(cut).summary()["status"] == "interrupted"
    assert resume(cut) == 0
    assert_same_end(whole, cut)


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_killed_goes_on_from_its_last_finished_epoch(
    tmp_path: Path, resume: Resume, kind: signal.Signals
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    options = [*SMALL, *RUNS["vae"], "trainer.max_epochs=60"]
    run(whole, *options)
    quiet = ["logger=none", "accelerator=cpu", "callbacks.progress=null"]
    command = [sys.executable, "-m", "src.train", *quiet, *options, f"hydra.run.dir={cut}"]
    root = Path(train.__file__).parent.parent
    with subprocess.Popen(command, cwd=root, env=os.environ | {"OMP_NUM_THREADS": "1"}) as process:
        deadline = time.monotonic() + 120
        while len(read_rows(cut / "metrics.csv")) < 3:
            assert process.poll() is None, "it ended before it could be interrupted"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(kind)
    assert process.returncode == (130 if kind == signal.SIGTERM else -signal.SIGKILL)
    assert RunFolder(cut).summary()["status"] == ("interrupted" if kind == signal.SIGTERM else "running")
    assert resume(cut) == 0
    assert_same_end(whole, cut)


def test_a_finished_run_says_so_and_can_be_trained_on(
    tmp_path: Path, resume: Resume, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    run(folder, *SMALL)
    before = RunFolder(folder).last.read_bytes()
    assert resume(folder) == 0
    assert "already finished after 4 epochs" in capsys.readouterr().out
    assert RunFolder(folder).last.read_bytes() == before
    assert resume(folder, "trainer.max_epochs=6") == 0
    assert RunFolder(folder).summary()["train/epochs"] == 6
    assert RunFolder(folder).config().trainer.max_epochs == 6
    assert [row["epoch"] for row in read_rows(folder / "metrics.csv")] == list("012345")


def test_a_run_that_stopped_early_says_how_to_train_on(
    tmp_path: Path, resume: Resume, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    run(folder, *SMALL, "optimizer.lr=1e-12", "callbacks.early_stopping.patience=1")
    assert RunFolder(folder).summary()["status"] == "stopped early"
    assert resume(folder, "trainer.max_epochs=6") == 0
    assert "To train on, add callbacks.early_stopping=null" in capsys.readouterr().out
    assert resume(folder, "callbacks.early_stopping=null") == 0
    assert (RunFolder(folder).summary()["status"], RunFolder(folder).summary()["train/epochs"]) == ("finished", 4)


def test_a_changed_default_in_conf_does_not_change_a_run_that_goes_on(tmp_path: Path, resume: Resume) -> None:
    folder = RunFolder(tmp_path / "run")
    run(folder.path, *SMALL)
    cfg = folder.config()
    cfg.callbacks.early_stopping.patience = 7  # as if conf/ had said so when the run began
    folder.save_config(cfg, folder.overrides())
    assert resume(folder.path, "trainer.max_epochs=5") == 0
    assert folder.config().callbacks.early_stopping.patience == 7
    assert folder.config().trainer.max_epochs == 5


@pytest.mark.parametrize(
    "typed", ["model=vae", "model.latent_dim=3", "data.batch_size=7", "network.hidden=[8]", "seed=4"]
)
def test_another_run_is_refused(tmp_path: Path, resume: Resume, capsys: pytest.CaptureFixture[str], typed: str) -> None:
    folder = tmp_path / "run"
    run(folder, *SMALL, "trainer.max_epochs=1")
    assert resume(folder, typed, "trainer.max_epochs=2") == 1
    err = capsys.readouterr().err
    assert "cannot go on with another" in err
    assert typed in err
    assert "Traceback" not in err


def test_what_cannot_be_resumed_is_named(tmp_path: Path, resume: Resume, capsys: pytest.CaptureFixture[str]) -> None:
    folder = RunFolder(tmp_path / "run")
    run(folder.path, *SMALL, "trainer.max_epochs=1")

    def told(path: Path, *typed: str) -> str:
        assert resume(path, *typed) == 1
        err = capsys.readouterr().err
        assert "Traceback" not in err
        return err

    assert "there is no folder" in told(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "is no run folder" in told(tmp_path / "empty")
    assert "leave out -m" in told(folder.path, "-m")
    whole = folder.last.read_bytes()
    folder.last.write_bytes(whole[: len(whole) // 2])
    assert f"the checkpoint {folder.last} is damaged" in told(folder.path, "trainer.max_epochs=2")
    folder.last.unlink()
    assert f"there is no checkpoint {folder.last}" in told(folder.path, "trainer.max_epochs=2")
    run(tmp_path / "other", *SMALL, "trainer.max_epochs=1", "model=vae")
    folder.last.write_bytes(RunFolder(tmp_path / "other").last.read_bytes())
    assert "belongs to another model than UndercompleteAutoencoder" in told(folder.path, "trainer.max_epochs=2")


def test_a_mistake_on_the_command_line_leaves_a_finished_run_as_it_was(tmp_path: Path, resume: Resume) -> None:
    folder = RunFolder(tmp_path / "run")
    run(folder.path, *SMALL, "trainer.max_epochs=1")
    before = folder.summary()
    assert resume(folder.path, "trainer.max_epochs=1e3") == 1
    folder.last.write_bytes(folder.last.read_bytes()[:1000])
    assert resume(folder.path, "trainer.max_epochs=2") == 1
    assert folder.summary() == before


@pytest.mark.parametrize("scheduler", ["none", "cosine", "plateau"])
def test_a_new_learning_rate_takes_hold(tmp_path: Path, resume: Resume, scheduler: str) -> None:
    folder = RunFolder(tmp_path / "run")
    run(folder.path, *SMALL, f"scheduler={scheduler}", "trainer.max_epochs=2")
    assert resume(folder.path, "trainer.max_epochs=4", "optimizer.lr=1e-5") == 0
    rates = [float(row["learning_rate"]) for row in read_rows(folder.path / "metrics.csv")]
    assert rates[0] == pytest.approx(1e-3)
    assert all(0 < rate <= 1.001e-5 for rate in rates[2:])
    assert folder.config().optimizer.lr == 1e-5


def test_another_optimizer_is_another_run(tmp_path: Path, resume: Resume, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path / "run", *SMALL, "trainer.max_epochs=1")
    assert resume(tmp_path / "run", "trainer.max_epochs=2", "optimizer=sgd") == 1
    assert "cannot go on with another optimizer" in capsys.readouterr().err


class Bomb:
    """What a pickle can do."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("kind", ["--experimental-rerun={}", "hydra.searchpath=[file://{}]", "+hydra.callbacks.x={}"])
def test_the_overrides_of_a_stranger_cannot_run_code(
    tmp_path: Path, resume: Resume, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    folder = RunFolder(tmp_path / "run")
    run(folder.path, *SMALL, "trainer.max_epochs=1")
    bomb, marker = tmp_path / "config.pickle", tmp_path / "it_ran"
    bomb.write_bytes(pickle.dumps(Bomb(marker)))
    folder.overrides_file.write_text(f"- '{kind.format(bomb)}'\n")
    assert resume(folder.path, "trainer.max_epochs=2") == 1
    assert "is about Hydra itself" in capsys.readouterr().err
    assert not marker.exists()


@pytest.mark.parametrize("value", ["/tmp/elsewhere", "../elsewhere", "<run folder>/../elsewhere"])
def test_the_config_of_a_stranger_cannot_write_elsewhere(
    tmp_path: Path, resume: Resume, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    folder = RunFolder(tmp_path / "run")
    run(folder.path, "debug=profile", *SMALL)
    text = folder.config_file.read_text()
    assert "dirpath: <run folder>" in text
    folder.config_file.write_text(text.replace("dirpath: <run folder>", f"dirpath: {value}"))
    assert resume(folder.path, "trainer.max_epochs=9") == 1
    assert "leads out of the run folder" in capsys.readouterr().err


def test_a_folder_that_was_moved_goes_on_where_it_is(tmp_path: Path, resume: Resume) -> None:
    run(tmp_path / "run", "debug=profile", *SMALL, "trainer.max_epochs=1")
    moved = (tmp_path / "run").rename(tmp_path / "moved")
    assert resume(moved, "trainer.max_epochs=2") == 0
    assert len(read_rows(moved / "metrics.csv")) == 2
    assert not (tmp_path / "run").exists()
