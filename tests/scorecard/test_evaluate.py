"""`python -m src.evaluate run=<folder>` in this process: what it writes, what it says, and what it refuses."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from src import evaluate
from src.configuration.files import CONF
from src.run_folder import RunFolder
from tests.conftest import NO_PICTURES, TINY, run
from tests.wandb_file import wandb_files

SECTIONS = [str(name) for name in OmegaConf.load(CONF / "suite" / "quick.yaml").sections]
KEPT = ("reconstruction", "likelihood", "cost")
OTHERS_OFF = [f"sections.{name}=null" for name in SECTIONS if name not in KEPT]
QUICK = [*OTHERS_OFF, "sections.cost.seconds=0"]
REPRESENTATIVE = ["pca", "gan", "cvae", "vqvae", "topk", "masked", "ladder_vae", "rae"]
MODELS = sorted(file.stem for file in (CONF / "model").glob("*.yaml"))
Enter = Callable[..., int]


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Enter:
    """Types `python -m src.evaluate ...` in an empty folder, which must stay empty; gives the exit code."""
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    monkeypatch.setenv("HOURGLASS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))  # of classifiers, for all
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)

    def typed(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", [str(Path(evaluate.__file__)), *words])
        try:
            evaluate.main()
        except SystemExit as end:
            return int(end.code or 0)
        finally:
            assert list(elsewhere.iterdir()) == []
        return 0

    return typed


@pytest.fixture
def copied(trained: Path, tmp_path: Path) -> Path:
    """A finished run that a test may change."""
    return Path(shutil.copytree(trained, tmp_path / "vae"))


def test_the_card_of_a_finished_run(copied: Path, enter: Enter, capsys: pytest.CaptureFixture[str]) -> None:
    assert enter(f"run={copied}", *QUICK) == 0
    folder = RunFolder(copied)
    card, summary = folder.scorecard(), folder.summary()
    assert (card["suite"], card["checkpoint"], card["seed"], card["max_samples"]) == ("quick", "best", 0, 2000)
    assert (card["model"], card["rival"]) == ("VariationalAutoencoder", "PCA-2")
    assert (card["test_images"], card["train_images"]) == (540, 64)
    assert card["dials"] == ["sections.cost.seconds=0"]
    assert card["version/torch"] == summary["version/torch"]
    assert {"preparation", "reconstruction", "likelihood", "cost", "total"} == set(card["seconds"])
    scores = card["scores"]
    for name in ("se", "mse", "psnr", "ssim"):  # the whole test set, so these are the run's own figures
        assert scores[f"reconstruction/{name}"]["value"] == pytest.approx(summary[f"test/{name}"], rel=1e-4)
        assert scores[f"reconstruction/{name}"]["pca"] == pytest.approx(summary[f"baseline/pca_{name}"], rel=1e-4)
    assert scores["reconstruction/se"]["low"] < summary["test/se"] < scores["reconstruction/se"]["high"]
    assert scores["cost/parameters"]["value"] == summary["model/parameters"]
    assert "grey pixels" in card["skipped"]["likelihood/*"]
    out = capsys.readouterr().out
    assert "PCA-2" in out
    assert "left out: likelihood/*: Of grey pixels loss=bce is no likelihood." in out
    assert str(copied / "scorecard.json") in out
    pictures = {path.name for path in (copied / "figures").glob("scorecard_*.png")}
    assert pictures == {"scorecard_errors.png", "scorecard_best_and_worst.png"}


def test_a_second_card_takes_the_place_of_the_first(copied: Path, enter: Enter) -> None:
    (copied / "figures" / "scorecard_old.png").write_bytes(b"")
    before = sorted(path.name for path in copied.iterdir())
    assert enter(f"run={copied}", *QUICK, "sections.reconstruction=null") == 0
    assert not list((copied / "figures").glob("scorecard_*"))
    assert (copied / "figures" / "reconstructions.png").exists()
    assert enter(f"run={copied}", *QUICK, "sections.cost=null", "max_samples=50", "seed=3", "checkpoint=last") == 0
    card = RunFolder(copied).scorecard()
    assert (card["test_images"], card["train_images"], card["seed"], card["checkpoint"]) == (50, 50, 3, "last")
    assert {name.split("/")[0] for name in card["scores"]} == {"reconstruction"}
    assert sorted(path.name for path in copied.iterdir()) == sorted([*before, "scorecard.json"])


def test_the_same_seed_gives_the_same_figures(copied: Path, enter: Enter) -> None:
    cards = []
    for _ in range(2):
        assert enter(f"run={copied}", *QUICK, "sections.cost=null", "max_samples=100") == 0
        cards.append(RunFolder(copied).scorecard()["scores"])
    assert cards[0] == cards[1]


def test_what_is_interrupted_leaves_the_card_that_was_there(
    copied: Path, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    dials = [*QUICK, "sections.cost=null", "max_samples=50"]
    assert enter(f"run={copied}", *dials) == 0
    before = {file: file.read_bytes() for file in copied.rglob("*") if file.is_file()}
    assert json.loads(before[copied / "scorecard.json"])["epochs"] == RunFolder(copied).summary()["train/epochs"]

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", interrupted)
    assert enter(f"run={copied}", *dials, "seed=1") == 130
    assert {file: file.read_bytes() for file in copied.rglob("*") if file.is_file()} == before


def test_an_old_picture_that_another_evaluation_has_removed_is_no_matter(
    copied: Path, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Path.glob
    gone = copied / "figures" / "scorecard_gone.png"

    def late(folder: Path, pattern: str) -> list[Path]:
        return [*listed(folder, pattern), *([gone] if pattern.startswith("scorecard_") else [])]

    monkeypatch.setattr(Path, "glob", late)
    assert enter(f"run={copied}", *QUICK, "sections.cost=null", "max_samples=50") == 0


def test_a_folder_that_takes_no_files_is_told_before_measuring(
    copied: Path, enter: Enter, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(copied / "figures", ignore_errors=True)
    (copied / "figures").write_text("mine")
    assert enter(f"run={copied}", *QUICK) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"the score card cannot be written to {copied}: ")
    assert "data and PCA" not in printed.err
    assert (copied / "figures").read_text() == "mine"


def test_wandb_adds_to_the_runs_own_run(
    tmp_path: Path, enter: Enter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    folder = tmp_path / "run"
    run(folder, "model=vae", *TINY, *NO_PICTURES, "logger=wandb")
    assert enter(f"run={folder}", *QUICK, "sections.cost=null", "wandb=true") == 0
    first, second = wandb_files(folder)
    assert first.run.run_id == second.run.run_id
    assert (second.run.display_name, list(second.run.tags)) == ("", [])  # nothing that would replace the run's own
    assert second.exit_code == 0
    scores = RunFolder(folder).scorecard()["scores"]
    found = second.summary["scorecard/reconstruction/se"], second.summary["scorecard/reconstruction/se/pca"]
    assert found == pytest.approx((scores["reconstruction/se"]["value"], scores["reconstruction/se"]["pca"]))
    assert len(second.media("images")) == 2
    assert min(second.column("_step")) > max(first.column("_step"))
    assert "sync" in capsys.readouterr().out


def refused(enter: Enter, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert enter(*words) == 1
    told = capsys.readouterr().err.strip()
    assert "Traceback" not in told
    return told.splitlines()[-1]


def test_what_cannot_be_measured_is_told_in_a_sentence(
    copied: Path, tmp_path: Path, enter: Enter, capsys: pytest.CaptureFixture[str]
) -> None:
    run_it = f"run={copied}"
    assert "which run? Name its folder" in refused(enter, capsys)
    assert "which run? Name its folder" in refused(enter, capsys, "run=")
    assert "there is no folder" in refused(enter, capsys, f"run={tmp_path / 'nowhere'}")
    assert "is no run folder" in refused(enter, capsys, f"run={tmp_path}")
    assert "no suite 'ful'; did you mean 'full'?" in refused(enter, capsys, run_it, "suite=ful")
    assert "max_samples=0: expected a whole number greater than 0" in refused(enter, capsys, run_it, "max_samples=0")
    assert "expected one of best, last" in refused(enter, capsys, run_it, "checkpoint=bset")
    assert "wandb=3: expected true or false" in refused(enter, capsys, run_it, "wandb=3")
    assert "did you mean 'sections.cost.batch'" in refused(enter, capsys, run_it, "sections.cost.bach=3")
    assert "for run in" in refused(enter, capsys, "-m", f"run={copied},{copied}")
    off = [f"sections.{name}=null" for name in SECTIONS]
    assert "every section is switched off" in refused(enter, capsys, run_it, *off)


@pytest.mark.parametrize("status", ["running", "interrupted", "failed"])
def test_a_run_that_is_not_over_is_refused(
    copied: Path, enter: Enter, capsys: pytest.CaptureFixture[str], status: str
) -> None:
    folder = RunFolder(copied)
    folder.write_summary(folder.summary() | {"status": status})
    told = refused(enter, capsys, f"run={copied}")
    assert f"says {status}" in told
    assert f"resume='{copied}'" in told


def test_a_damaged_folder_is_refused(copied: Path, enter: Enter, capsys: pytest.CaptureFixture[str]) -> None:
    summary, best = copied / "summary.json", copied / "checkpoints" / "best.ckpt"
    whole = summary.read_text()
    best.write_bytes(best.read_bytes()[:100])
    assert "is damaged" in refused(enter, capsys, f"run={copied}")
    best.unlink()
    assert "there is no checkpoint" in refused(enter, capsys, f"run={copied}")
    summary.write_text(whole[:40])
    assert "is damaged" in refused(enter, capsys, f"run={copied}")
    summary.unlink()
    assert "says nothing" in refused(enter, capsys, f"run={copied}")
    assert not (copied / "scorecard.json").exists()


def test_help_names_the_suites(enter: Enter, capsys: pytest.CaptureFixture[str]) -> None:
    assert enter("--help") == 0
    out = capsys.readouterr().out
    assert "python -m src.evaluate run=outputs/<date>/<time> suite=full" in out
    assert {"quick", "full"} <= set(out.split())


def evaluated(model: str, folder: Path, enter: Enter) -> dict[str, dict[str, object]]:
    run(folder, f"model={model}", *TINY, *NO_PICTURES)
    assert enter(f"run={folder}", "max_samples=100", "sections.cost.seconds=0") == 0
    card = json.loads((folder / "scorecard.json").read_text())
    assert card["scores"]["cost/parameters"]["value"] > 0
    return card


@pytest.mark.parametrize("model", REPRESENTATIVE)
def test_a_model_of_each_kind_can_be_evaluated(model: str, tmp_path: Path, enter: Enter) -> None:
    card = evaluated(model, tmp_path / "run", enter)
    reconstructs = model not in ("gan", "masked")
    assert ("reconstruction/se" in card["scores"]) is reconstructs
    assert ("reconstruction/*" in card["skipped"]) is not reconstructs


@pytest.mark.full
@pytest.mark.parametrize("model", [name for name in MODELS if name not in REPRESENTATIVE])
def test_every_other_model_can_be_evaluated(model: str, tmp_path: Path, enter: Enter) -> None:
    assert "reconstruction/se" in evaluated(model, tmp_path / "run", enter)["scores"]
