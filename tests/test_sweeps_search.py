"""A search reads the figure that it was told to, outlives failures, and is repeated up to where it stopped."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from src.configuration.files import CONF
from src.run_folder import RunFolder
from src.sweeps.folder import SweepFolder
from tests.conftest import compose_config
from tests.sweeps_typed import SMALL, Enter, at_step, typing

SEARCH = ["-m", "experiment=search", *SMALL, "hydra.sweeper.n_trials=4", "hydra.sweeper.sampler.n_startup_trials=2"]


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Enter:
    return typing(monkeypatch, tmp_path)


def chosen(sweep: str) -> list[list[str]]:
    return [job.overrides for job in SweepFolder(sweep).jobs()]


def found(sweep: str) -> Any:
    return yaml.safe_load(Path(sweep, "optimization_results.yaml").read_text())


def test_a_search_finds_the_best_of_its_runs_and_goes_on_where_it_stopped(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert enter(*SEARCH, "hydra.sweep.dir=whole") == 0
    jobs = SweepFolder("whole").jobs()
    best = min(job.summary["test/se"] for job in jobs)
    assert found("whole")["best_value"] == best
    for job in jobs:
        width = next(typed.split("=")[1] for typed in job.overrides if typed.startswith("model.latent_dim="))
        assert int(width) == job.summary["model/latent_dim"]

    with monkeypatch.context() as patch:
        at_step(patch, 5, KeyboardInterrupt())  # in the second epoch of the third trial
        assert enter(*SEARCH, "hydra.sweep.dir=cut") == 130
    assert "2 of 4 jobs done" in capfd.readouterr().out
    assert enter("resume_sweep=cut") == 0
    assert chosen("cut") == chosen("whole")
    assert found("cut") == found("whole")
    assert enter("resume_sweep=cut", "hydra.sweeper.n_trials=5") == 0
    assert chosen("cut")[:4] == chosen("whole")
    assert len(chosen("cut")) == 5


def test_a_failed_trial_is_told_and_does_not_end_the_search(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        at_step(patch, 2, RuntimeError("out of memory"))
        assert enter(*SEARCH, "hydra.sweep.dir=sweep") == 1
    out, err = capfd.readouterr()
    assert "out of memory" in err
    assert "3 of 4 jobs done, 1 failed" in out
    assert [job.status for job in SweepFolder("sweep").jobs()] == ["finished", "failed", "finished", "finished"]
    assert found("sweep")["best_value"] == min(
        job.summary["test/se"] for job in SweepFolder("sweep").jobs() if job.status == "finished"
    )
    before = chosen("sweep")
    assert enter("resume_sweep=sweep") == 0  # the later trials were chosen in the knowledge that this one failed
    assert "nothing is left" in capfd.readouterr().out
    assert enter("resume_sweep=sweep", "hydra.sweeper.n_trials=5") == 1
    assert chosen("sweep")[:4] == before
    assert SweepFolder("sweep").jobs()[4].status == "finished"


def test_a_search_for_the_largest_figure_finds_the_largest(enter: Enter, capfd: pytest.CaptureFixture[str]) -> None:
    maximise = ["optimized_metric=test/psnr", "hydra.sweeper.direction=maximize", "hydra.sweep.dir=sweep"]
    assert enter(*SEARCH, *maximise, "hydra.sweeper.n_trials=3") == 0
    values = [job.summary["test/psnr"] for job in SweepFolder("sweep").jobs()]
    assert found("sweep")["best_value"] == max(values)
    rows = Path("sweep/sweep.csv").read_text().splitlines()
    assert rows[1].split(",")[0] == str(values.index(max(values)))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["optimized_metric=test/sse"], "optimized_metric=test/sse is no figure of summary.json; did you mean"),
        (["optimized_metric=val/loss"], "optimized_metric=val/loss is no figure of summary.json: give a key"),
        (["optimized_metric=model/name"], "optimized_metric=model/name is no number but"),
        (["optimized_metric=null"], "add optimized_metric=test/se"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_metric_that_no_run_has_is_told_in_a_sentence(
    enter: Enter, capfd: pytest.CaptureFixture[str], typed: list[str], words: str
) -> None:
    assert enter(*SEARCH, *typed, "hydra.sweep.dir=sweep") == 1
    err = capfd.readouterr().err
    assert words in err
    assert "Traceback" not in err
    trained = [folder for folder in Path().glob("sweep/*") if RunFolder(folder).last.exists()]
    assert len(trained) <= 1  # the first run tells which figures there are


def test_a_search_without_a_seed_cannot_be_repeated(enter: Enter, capfd: pytest.CaptureFixture[str]) -> None:
    seedless = ["hydra.sweeper.sampler.seed=null", "hydra.sweeper.n_trials=1", "hydra.sweep.dir=sweep"]
    assert enter(*SEARCH, *seedless) == 0
    assert enter("resume_sweep=sweep", "hydra.sweeper.n_trials=2") == 1
    assert "whose sampler had no seed" in capfd.readouterr().err


def test_the_sweep_that_wandb_leads_calls_the_same_entry() -> None:
    sweep = yaml.safe_load((CONF / "wandb_sweep.yaml").read_text())
    assert sweep["command"][:3] == ["python", "-m", "src.train"]
    assert sweep["command"][3:] == ["${args_no_hyphens}"]  # key=value, as Hydra wants them
    assert (CONF.parent / sweep["program"]).is_file()
    for end in ("min", "max"):
        typed = [f"{key}={values[end]}" for key, values in sweep["parameters"].items()]
        cfg = compose_config(typed)
        assert cfg.model.latent_dim == sweep["parameters"]["model.latent_dim"][end]
        assert cfg.optimizer.lr == sweep["parameters"]["optimizer.lr"][end]


def test_the_figure_that_wandb_looks_at_is_one_of_a_run_s(trained: Path) -> None:
    sweep = yaml.safe_load((CONF / "wandb_sweep.yaml").read_text())
    assert sweep["metric"]["name"] in json.loads((trained / "summary.json").read_text())
    assert sweep["metric"]["goal"] in ("minimize", "maximize")
