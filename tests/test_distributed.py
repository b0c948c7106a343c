"""Several processes learn what one learns, and each job of a sweep its own parameters on every rank."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from src import train
from src.distributed import as_one_command
from src.run_folder import RunFolder
from tests.conftest import NO_PICTURES, run

# Plain gradient descent without momentum and a model without noise: what differs is the order of a sum in float32.
SAME = [
    *(
        "model=undercomplete",
        "data=synthetic",
        "data.shape=[1,12,12]",
        "data.n_train=320",
        "data.n_val=41",
        "data.n_test=41",
    ),
    *("network.hidden=[32]", "optimizer=sgd", "optimizer.lr=1e-3", "trainer.max_epochs=3", "callbacks.latent_map=null"),
]
QUIET = ["logger=none", "callbacks.progress=null"]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(RunFolder(folder).last, weights_only=True)["state_dict"]


def test_two_processes_train_as_one_in_every_job_of_a_sweep(tmp_path: Path) -> None:
    """Job 1 would meet job 0's parameters on rank 1 if the ranks were started from the sweep's own command."""
    sweep = [*SAME, *QUIET, "accelerator=ddp_cpu", "data.batch_size=16", "model.latent_dim=2,5"]
    command = [sys.executable, "-m", "src.train", "-m", *sweep, f"hydra.sweep.dir={tmp_path / 'sweep'}"]
    root = Path(train.__file__).parent.parent
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    for job, latent_dim in enumerate((2, 5)):
        alone = tmp_path / f"alone{job}"
        summary = run(alone, *SAME, "data.batch_size=32", f"model.latent_dim={latent_dim}")
        together = RunFolder(tmp_path / "sweep" / str(job))
        for name, value in weights(alone).items():
            torch.testing.assert_close(weights(together.path)[name], value, rtol=1e-4, atol=1e-6)
        told = together.summary()
        assert told["status"] == "finished"
        for figure in ("test/loss", "test/se", "test/ssim", "baseline/pca_se"):
            assert told[figure] == pytest.approx(summary[figure], rel=1e-4)
        with (together.path / "metrics.csv").open(newline="") as file:
            assert len(list(csv.DictReader(file))) == 3
        assert (together.path / "figures" / "reconstructions.png").is_file()


def test_adversarial_steps_are_taken_by_two_processes_as_by_one(tmp_path: Path) -> None:
    """In job 0 the contest has no weight: whatever the critic draws, the model must learn what one process learns."""
    model = ["model=aae", "model.critic=[8]", "model.critic_rate=0.1", *SAME[1:], "trainer.gradient_clip_val=1.0"]
    sweep = [*model, *QUIET, "accelerator=ddp_cpu", "data.batch_size=16", "model.adversary=0,0.1", *NO_PICTURES]
    command = [sys.executable, "-m", "src.train", "-m", *sweep, f"hydra.sweep.dir={tmp_path / 'sweep'}"]
    root = Path(train.__file__).parent.parent
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    run(tmp_path / "alone", *model, "data.batch_size=32", "model.adversary=0", *NO_PICTURES)
    alone, free, held = (weights(f) for f in (tmp_path / "alone", tmp_path / "sweep" / "0", tmp_path / "sweep" / "1"))
    for name, value in alone.items():
        if "critic" not in name:
            torch.testing.assert_close(free[name], value, rtol=1e-4, atol=1e-6)
            assert not torch.equal(held[name], free[name])
    for job in ("0", "1"):
        summary = RunFolder(tmp_path / "sweep" / job).summary()
        assert summary["status"] == "finished"
        assert 0 < summary["test/critic"] < 1.386  # it has learned something: 2 log 2 nats is a guess


def test_the_command_of_a_job_is_its_own_and_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["entry", "-m", "model=vae,sparse"])
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    folder = tmp_path / "it's [1]"
    with as_one_command(["model=sparse"], folder):
        assert sys.argv[1] == "model=sparse"
        assert "hydra.mode=RUN" in sys.argv
        assert not any("," in argument for argument in sys.argv)
        assert sys.modules["__main__"].__spec__.name == "src.train"  # type: ignore[union-attr]
        os.environ["LOCAL_RANK"] = "0"  # as Lightning leaves it behind
    assert sys.argv == ["entry", "-m", "model=vae,sparse"]
    assert "LOCAL_RANK" not in os.environ
