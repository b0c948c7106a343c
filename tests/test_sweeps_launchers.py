"""Launchers that run on one machine train what the plain one does, one job or several at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from src.configuration.files import CONF
from src.run_folder import RunFolder
from src.sweeps.folder import SweepFolder
from tests.conftest import compose_config, run
from tests.sweeps_typed import SMALL

JOBS = [["seed=1", "optimizer.lr=1e-2"], ["seed=1", "optimizer.lr=fast"], ["seed=2", "optimizer.lr=1e-2"]]
LAUNCHERS = {
    "joblib": ["hydra.launcher.n_jobs=2"],
    "submitit_local": [],
}


def typed_in_a_shell(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m src.train ...`, the sweep in `folder`; a launcher's workers know the project by this alone."""
    one = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment = {k: v for k, v in os.environ.items() if k != "HYDRA_FULL_ERROR"} | one
    command = [sys.executable, "-m", "src.train", *arguments]
    return subprocess.run(
        command, cwd=CONF.parent, env=environment, capture_output=True, text=True, timeout=500, check=False
    )


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(RunFolder(folder).last, weights_only=True)["state_dict"]


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_launcher_of_this_machine_trains_the_same(tmp_path: Path, launcher: str) -> None:
    sweep = tmp_path / "a sweep"
    chosen = [f"hydra/launcher={launcher}", *LAUNCHERS[launcher], f"hydra.sweep.dir='{sweep}'"]
    done = typed_in_a_shell(sweep, "-m", *SMALL, "seed=1,2", "optimizer.lr=1e-2,fast", *chosen)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "ConfigStore" not in done.stderr
    jobs = SweepFolder(sweep).jobs()
    assert [job.status for job in jobs] == ["finished", "failed", "finished", "failed"]
    assert "2 of 4 jobs done, 2 failed" in done.stdout
    assert done.stdout.count("optimizer.lr=fast: expected") >= 2
    for number, seed in ((0, 1), (2, 2)):
        alone = run(tmp_path / f"alone{seed}", *SMALL, f"seed={seed}", "optimizer.lr=1e-2")
        one, other = weights(tmp_path / f"alone{seed}"), weights(sweep / str(number))
        for name in one:
            torch.testing.assert_close(one[name], other[name], rtol=1e-4, atol=1e-6)
        assert jobs[number].summary["test/se"] == pytest.approx(alone["test/se"], rel=1e-4)


def test_a_search_by_joblib_gives_each_trial_its_own_two_processes(tmp_path: Path) -> None:
    """Rank 1 of a trial would meet another learning rate if it were started from the search's own command."""
    small = [*SMALL, "optimizer=sgd", "data.batch_size=32"]
    search = [
        *small,
        "accelerator=ddp_cpu",
        "hydra/sweeper=search",
        "optimized_metric=test/se",
        "hydra.sweeper.n_trials=2",
    ]
    both = [
        "hydra.sweeper.n_jobs=2",
        "hydra/launcher=joblib",
        "hydra.launcher.n_jobs=2",
        "optimizer.lr=interval(1e-4,1e-2)",
    ]
    done = typed_in_a_shell(tmp_path, "-m", *search, *both, f"hydra.sweep.dir={tmp_path / 'sweep'}")
    assert done.returncode == 0, done.stderr
    rates = set()
    for job in SweepFolder(tmp_path / "sweep").jobs():
        rate = next(typed for typed in job.overrides if typed.startswith("optimizer.lr="))
        rates.add(rate)
        alone = run(tmp_path / f"alone{job.name}", *small, "data.batch_size=64", rate)
        assert job.summary["test/se"] == pytest.approx(alone["test/se"], rel=1e-4)
        one = weights(tmp_path / f"alone{job.name}")
        for name, value in weights(job.folder).items():
            torch.testing.assert_close(one[name], value, rtol=1e-4, atol=1e-6)
    assert len(rates) == 2


@pytest.mark.parametrize("name", sorted(file.stem for file in (CONF / "hydra" / "launcher").glob("*.yaml")))
def test_each_launcher_says_what_it_is(name: str) -> None:
    text = (CONF / "hydra" / "launcher" / f"{name}.yaml").read_text()
    assert text.startswith("# ")
    assert str(yaml.safe_load(text)["_target_"]).startswith("hydra_plugins.")


def test_the_launchers_compose() -> None:
    for name in ("joblib", "submitit_local", "submitit_slurm", "ray"):
        assert compose_config([f"hydra/launcher={name}", "model.latent_dim=3"]).model.latent_dim == 3


@pytest.mark.skipif("hydra_plugins.hydra_ray_launcher" in sys.modules, reason="the extra is installed here")
def test_without_the_extra_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    done = typed_in_a_shell(tmp_path, "-m", "seed=1,2", "hydra/launcher=ray", f"hydra.sweep.dir={tmp_path / 'sweep'}")
    assert done.returncode == 1
    assert "pip install" in done.stderr
    assert "hydra-ray-launcher" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
