"""A sweep goes on after what stops it, runs nothing twice, and ends with a table of all jobs."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from src.run_folder import RunFolder
from src.sweeps.folder import Job, SweepFolder
from src.sweeps.table import Order, sweep_table
from tests.sweeps_typed import SMALL, Enter, at_step, typing


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Enter:
    return typing(monkeypatch, tmp_path)


def summary(folder: str) -> dict[str, Any]:
    return json.loads(Path(folder, "summary.json").read_text())


def weights(folder: str) -> dict[str, torch.Tensor]:
    return torch.load(RunFolder(folder).last, weights_only=True)["state_dict"]


def lines(file: str) -> list[dict[str, str]]:
    with open(file, newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_failed_job_stops_no_other_and_the_table_has_all(enter: Enter, capfd: pytest.CaptureFixture[str]) -> None:
    sweep = ["-m", *SMALL, "model.latent_dim=1,3", "optimizer.lr=fast,1e-2", "hydra.sweep.dir=sweep"]
    assert enter(*sweep) == 1
    out, err = capfd.readouterr()
    assert "expected a number" in err
    table = lines("sweep/sweep.csv")
    assert [row["job"] for row in table[2:]] == ["0", "2"]
    assert [row["status"] for row in table] == ["finished", "finished", "failed", "failed"]
    assert float(table[0]["test/se"]) <= float(table[1]["test/se"])
    for row in table[:2]:
        assert float(row["test/se"]) == summary(row["folder"])["test/se"]
        assert float(row["baseline/pca_se"]) == summary(row["folder"])["baseline/pca_se"]
    assert "optimizer.lr=fast: expected" in table[2]["error"]
    assert {row["swept"] for row in table} == {
        f"model.latent_dim={k} optimizer.lr={lr}" for k in (1, 3) for lr in ("fast", "0.01")
    }
    end = out[out.index("what was swept") :]
    assert end.index("PCA-3") < end.index("PCA-1") < end.index("model.latent_dim=1 optimizer.lr=0.01")
    assert "2 of 4 jobs done, 2 failed" in end
    assert "resume_sweep=" in end


def test_an_interrupted_sweep_goes_on_with_what_is_missing(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    typed = ["-m", *SMALL, "seed=1,2,3"]
    assert enter(*typed, "hydra.sweep.dir=whole") == 0
    with monkeypatch.context() as patch:
        at_step(patch, 3, KeyboardInterrupt())  # in the second epoch of the second job
        assert enter(*typed, "hydra.sweep.dir='a sweep'") == 130
    out, err = capfd.readouterr()
    assert "interrupted after 1 epochs\n" in err
    assert "1 of 3 jobs done" in out
    assert f"python -m src.train resume_sweep='{Path('a sweep').absolute()}'" in out
    assert summary("a sweep/1")["status"] == "interrupted"
    assert RunFolder("a sweep/1").last.is_file()
    assert not Path("a sweep/2").exists()
    before = Path("a sweep/0/summary.json").stat().st_mtime_ns

    assert enter("resume_sweep='a sweep'") == 0
    assert "seed=1" in (out := capfd.readouterr().out)
    assert "finished already" in out
    assert "3 of 3 jobs done" in out
    assert Path("a sweep/0/summary.json").stat().st_mtime_ns == before
    for job in "012":
        one, other = weights(f"whole/{job}"), weights(f"a sweep/{job}")
        assert all(torch.equal(one[name], other[name]) for name in one)
        assert summary(f"whole/{job}")["test/se"] == summary(f"a sweep/{job}")["test/se"]
        for file in ("config.yaml", "overrides.yaml", "hydra.yaml"):
            assert Path("a sweep", job, ".hydra", file).is_file()
        assert "resume" not in Path("a sweep", job, ".hydra", "overrides.yaml").read_text()
    assert enter("resume_sweep=a sweep") == 0
    assert "nothing is left" in capfd.readouterr().out


def test_a_job_that_failed_runs_anew(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["-m", *SMALL, "seed=1,2"]
    with monkeypatch.context() as patch:
        at_step(patch, 1, RuntimeError("the power is out"))  # in the second epoch: there is a checkpoint
        assert enter(*typed, "hydra.sweep.dir=sweep") == 1
    assert summary("sweep/0")["error"] == "the power is out"
    assert enter("resume_sweep=sweep") == 0
    assert [row["status"] for row in lines("sweep/sweep.csv")] == ["finished"] * 2
    assert enter(*typed, "hydra.sweep.dir=again") == 0
    assert summary("sweep/0")["test/se"] == summary("again/0")["test/se"]
    assert len(lines("sweep/0/metrics.csv")) == 2


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """The folder of a sweep of which nothing has run; its command is free to be changed."""
    write_command(tmp_path / "sweep", ["seed=1,2", *SMALL], ["hydra.mode=MULTIRUN", "hydra.sweep.dir=sweep"])
    return tmp_path / "sweep"


def write_command(folder: Path, task: list[str], hydra: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    command = {"hydra": {"overrides": {"task": task, "hydra": hydra}, "sweeper": {"params": None}}}
    (folder / "multirun.yaml").write_text(yaml.safe_dump(command))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["resume_sweep=nowhere"], "there is no folder nowhere"),
        (["resume_sweep=empty"], "empty is no sweep's folder, for it lacks multirun.yaml"),
        (["resume_sweep=run"], "it is a single run's; go on with that by resume=run"),
        (["resume_sweep=damaged"], "damaged/multirun.yaml is damaged"),
        (["resume_sweep=halved"], "halved/multirun.yaml is damaged: it has no list hydra.overrides.task"),
        (["resume_sweep=sweep", "seed=3"], "cannot go on with 'seed=3': that would be another sweep"),
        (["resume_sweep=sweep", "~callbacks"], "cannot go on with '~callbacks'"),
        (["resume_sweep=sweep", "hydra/sweeper=optuna"], "cannot go on with 'hydra/sweeper=optuna'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_no_sweep_to_go_on_with_is_told_in_a_sentence(
    enter: Enter, stopped: Path, capfd: pytest.CaptureFixture[str], typed: list[str], words: str
) -> None:
    for name in ("empty", "run/.hydra", "damaged", "halved"):
        Path(name).mkdir(parents=True)
    Path("damaged/multirun.yaml").write_text("hydra: [")
    Path("halved/multirun.yaml").write_text("hydra:\n  overrides:\n")
    assert enter(*typed) == 1
    out, err = capfd.readouterr()
    assert words in err
    assert "Traceback" not in out + err
    assert "HYDRA_FULL_ERROR" not in err


@pytest.mark.parametrize(
    ("task", "hydra"),
    [
        (["hydra.launcher.setup=[touch stolen]"], []),
        (["--config-dir=/tmp"], []),
        (["+model@hydra.launcher=vae"], []),
        (["logger=wandb", "logger.wandb.project=${oc.env:HOME}"], []),
        ([], ["hydra.launcher.setup=[touch stolen]"]),
        ([], ["hydra.sweeper._target_=os.system"]),
        ([], ["+hydra.callbacks.mine._target_=os.system"]),
        ([], ["hydra/launcher=../../model/vae"]),
        ([], ["hydra.sweep.subdir=../../elsewhere"]),
        ([], ["hydra.sweeper.params.hydra.launcher.setup=x"]),
        ([], ["hydra.searchpath=[file:///tmp]"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_folder_from_a_stranger_brings_no_command_of_its_own(
    enter: Enter, stopped: Path, capfd: pytest.CaptureFixture[str], task: list[str], hydra: list[str]
) -> None:
    write_command(stopped, [*task, *SMALL], hydra)
    assert enter("resume_sweep=sweep") == 1
    assert f"{stopped.name}/multirun.yaml: '" in capfd.readouterr().err
    assert not list(stopped.glob("[0-9]*"))


def test_what_a_stranger_s_job_would_build_must_stand_in_our_conf(
    enter: Enter, stopped: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_command(stopped, [*SMALL, "+callbacks.mine._target_=torch.load", "seed=1,2"], [])
    assert enter("resume_sweep=sweep") == 1
    assert "torch.load is not built by any file of conf/" in capfd.readouterr().err
    assert not RunFolder(stopped / "0").last.exists()


def test_launcher_and_subfolders_of_the_command_are_taken_along(enter: Enter, stopped: Path) -> None:
    task = [*SMALL, "seed=1,2"]
    write_command(stopped, task, ["hydra/launcher=basic", "hydra.sweep.subdir=seed_${hydra.job.num}"])
    assert enter("resume_sweep=sweep") == 0
    assert summary("sweep/seed_1")["status"] == "finished"
    assert [job.name for job in SweepFolder("sweep").jobs()] == ["seed_0", "seed_1"]


def test_a_folder_that_holds_another_job_is_left_alone(
    enter: Enter, stopped: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert enter("resume_sweep=sweep") == 0
    write_command(stopped, ["seed=1,7", *SMALL], [])
    (stopped / "sweep.json").unlink()
    assert enter("resume_sweep=sweep") == 1
    assert "', but now it would be 'seed=7 " in capfd.readouterr().err
    assert summary("sweep/1")["seed"] == 2


def test_the_table_is_sorted_by_the_metric_in_its_direction() -> None:
    pca = {"baseline/pca_psnr": 25.0, "baseline/pca_components": 8}
    figures = {"0": 20.0, "1": 30.0, "2": None}
    jobs = [
        Job(name, Path(name), "finished", [f"seed={name}"], {"test/psnr": psnr} | pca) for name, psnr in figures.items()
    ]
    table = sweep_table(jobs, Order("test/psnr", minimised=False))
    assert [str(cell) for cell in table.columns[0].cells] == ["1", "", "0", "2"]
    assert [str(cell) for cell in table.columns[3].cells] == ["30", "25", "20", "-"]
    table = sweep_table(jobs, Order("test/psnr", minimised=True))
    assert [str(cell) for cell in table.columns[0].cells] == ["0", "", "1", "2"]
