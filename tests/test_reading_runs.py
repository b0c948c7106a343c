"""From `runs=` to records: which folders are meant, and what a damaged one says."""

import json
import os
from pathlib import Path

import pytest

from src.errors import UserError
from src.finding_runs import folders
from src.holding import held
from src.reading_runs import Read
from tests.comparison.run_folders import write_run


def numbers(found: list[Path]) -> list[str]:
    return [path.name for path in found]


def test_a_run_a_sweep_a_list_and_a_pattern(tmp_path: Path) -> None:
    for name in ("10", "2", "0"):
        write_run(tmp_path / "sweep" / name)
    (tmp_path / "sweep" / "comparison").mkdir()
    alone = write_run(tmp_path / "alone")
    assert numbers(folders(str(tmp_path / "sweep"))) == ["0", "2", "10"]
    assert numbers(folders(str(alone))) == ["alone"]
    assert numbers(folders([str(alone), str(tmp_path / "sweep" / "2"), f"{alone}/"])) == ["alone", "2"]
    assert numbers(folders(str(tmp_path / "sweep" / "[02]"))) == ["0", "2"]
    assert numbers(folders(str(tmp_path / "*"))) == ["alone", "0", "2", "10"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("nothing-*", "matches no folder; put quotes"),
        ("emp*", "matches nothing that is, or holds, a run folder"),
        ("nowhere", "there is no such folder"),
        ("empty", "is no run folder and holds none; give a run folder, or the folder of a sweep"),
    ],
)
def test_what_means_no_run_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        folders(asked)
    assert words in str(error.value)


def test_a_finished_run_is_read_whole(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", seed=3, summary={"text": "x", "nan": None})
    (folder / "figures").mkdir()
    (folder / "figures" / "samples.png").write_bytes(b"")
    (run,) = Read([folder]).runs
    assert (run.seed, run.overrides) == (3, ["model=vae", "seed=3"])
    assert run.figures["test/se"] == 1.0
    assert not {"text", "nan", "seed", "status"} & set(run.figures)
    assert run.sources["train/seconds"] == "summary.json: train/seconds"
    assert run.curves["val/loss"] == [3.0, 2.0]
    assert run.pictures == {"samples": folder / "figures" / "samples.png"}
    assert run.config["model"]["latent_dim"] == 8


@pytest.mark.parametrize(
    ("summary", "reason"),
    [
        ({"status": "running"}, "still going, or was killed: the status"),
        ({"status": "failed", "error": "no such file"}, "failed: no such file"),
        ({"status": "interrupted", "train/epochs": 4}, "interrupted after 4 epochs; resume="),
        ({"status": "odd"}, "no status that is known: odd"),
    ],
)
def test_a_run_that_did_not_finish_is_left_out_with_its_reason(
    tmp_path: Path, summary: dict[str, object], reason: str
) -> None:
    folder = write_run(tmp_path / "a", summary=summary)
    read = Read([folder])
    assert read.runs == []
    assert read.left_out[0][0] == folder
    assert reason in read.left_out[0][1]


def test_a_run_at_work_is_told_from_one_that_was_killed(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", summary={"status": "running"})
    with held(folder):
        assert Read([folder]).left_out == [(folder, "still going")]
    assert "or was killed" in Read([folder]).left_out[0][1]


def test_damaged_files_are_told(tmp_path: Path) -> None:
    cut, none, hostile, foreign = (write_run(tmp_path / name) for name in ("cut", "none", "hostile", "foreign"))
    (cut / "summary.json").write_text((cut / "summary.json").read_text()[:30])
    (none / "summary.json").unlink()
    config = hostile / ".hydra" / "config.yaml"
    config.write_text(config.read_text().replace("torch.optim.Adam", "os.system"))
    config = foreign / ".hydra" / "config.yaml"
    config.write_text("a: [1")
    read = Read([cut, none, hostile, foreign])
    assert read.runs == []
    reasons = [reason for _, reason in read.left_out]
    assert "summary.json is damaged" in reasons[0]
    assert "it has no summary.json yet" in reasons[1]
    assert "optimizer._target_=os.system is not built by any file of conf/" in reasons[2]
    assert "config.yaml is damaged" in reasons[3]


@pytest.mark.parametrize(
    "text",
    [
        "epoch,val/loss\n0,abc\n",
        "a,b\n1,2\n",
        "epoch,val/loss\n0,1,2,3\n1\n",
        '"\x00',
        "epoch,a\n1e300,1\n",
        "epoch,a\n-1,1\n",
    ],
)
def test_damaged_curves_leave_the_run_and_a_note(tmp_path: Path, text: str) -> None:
    folder = write_run(tmp_path / "a")
    (folder / "metrics.csv").write_text(text)
    read = Read([folder])
    assert [run.curves for run in read.runs] == [{}]
    assert "metrics.csv is damaged, so its curves are not drawn" in read.notes[0]


def test_missing_curves_and_epochs_without_a_figure_are_no_damage(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    (folder / "metrics.csv").write_text("epoch,val/loss\n0,\n1,nan\n2,1.5\n")
    bare = write_run(tmp_path / "b", seed=1)
    (bare / "metrics.csv").unlink()
    read = Read([folder, bare])
    assert [run.curves for run in read.runs] == [{"epoch": [0, 1, 2], "val/loss": [None, None, 1.5]}, {}]
    assert read.notes == []


def test_a_score_card_is_read_beside_pca_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    score = {"value": 0.9, "low": 0.8, "high": 0.95, "better": "higher", "unit": "share", "pca": 0.7}
    folder = write_run(tmp_path / "a", scores={"code/linear_probe": score, "code/odd": {"value": None}})
    (run,) = Read([folder]).runs
    key = "scorecard/code/linear_probe"
    assert (run.figures[key], run.figures[f"{key}/pca"], run.intervals[key]) == (0.9, 0.7, (0.8, 0.95))
    assert run.described[key].label == "code: linear probe (share)"
    assert (run.described[key].better, run.described[key].baseline) == ("higher", f"{key}/pca")
    written = json.loads((folder / "scorecard.json").read_text())["scores"]
    assert written["code/linear_probe"]["value"] == run.figures[key]
    (folder / "scorecard.json").write_text("{")
    read = Read([folder])
    assert len(read.runs) == 1
    assert "scorecard.json is damaged" in read.notes[0]


def test_a_score_card_of_before_the_run_trained_on_is_left_out_and_told(tmp_path: Path) -> None:
    scores = {"code/ari": {"value": 0.5}}
    stale = write_run(tmp_path / "a", scores=scores, way={"epochs": 1})
    fresh = write_run(tmp_path / "b", seed=1, scores=scores, way={"epochs": 2})
    read = Read([stale, fresh])
    assert ["scorecard/code/ari" in run.figures for run in read.runs] == [False, True]
    assert len(read.notes) == 1
    assert "was measured after 1 epochs, and the run has trained on to 2" in read.notes[0]


def test_a_picture_that_is_a_link_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"")
    folder = write_run(tmp_path / "a")
    (folder / "figures").mkdir()
    (folder / "figures" / "own.png").write_bytes(b"")
    (folder / "figures" / "samples.png").symlink_to(secret)
    (folder / "figures" / "again.png").symlink_to(folder / "figures" / "own.png")
    os.mkfifo(folder / "figures" / "pipe.png")
    read = Read([folder])
    assert set(read.runs[0].pictures) == {"own", "again"}
    assert "samples.png is a link that leads out of the run folder" in read.notes[0]


@pytest.mark.parametrize("seed", ["abc", [1], 10**400])
def test_a_seed_that_is_no_number_is_damage(tmp_path: Path, seed: object) -> None:
    read = Read([write_run(tmp_path / "a", summary={"seed": seed})])
    assert read.runs == []
    assert "summary.json is damaged: its seed is" in read.left_out[0][1]


def test_numbers_that_nothing_can_be_computed_with_are_no_figures(tmp_path: Path) -> None:
    huge = {"code/huge": {"value": 10**400}, "code/odd": {"value": 1, "better": ["lower"], "unit": "x" * 99}}
    folder = write_run(tmp_path / "a", summary={"test/huge": 10**400, "test/big": 1e308}, scores=huge)
    (folder / "metrics.csv").write_text("epoch,val/loss\n0,1e308\n1,2\n")
    (run,) = Read([folder]).runs
    assert not {"test/huge", "test/big", "scorecard/code/huge"} & set(run.figures)
    assert run.curves["val/loss"] == [None, 2]
    assert run.described["scorecard/code/odd"].better is None
    assert len(run.described["scorecard/code/odd"].label) < 50


def test_what_a_failed_run_says_is_one_line(tmp_path: Path) -> None:
    read = Read([write_run(tmp_path / "a", summary={"status": "failed", "error": "a\n\x1b[2Jb" + "c" * 999})])
    reason = read.left_out[0][1]
    assert reason.startswith("failed: a [2Jbccc")
    assert len(reason) <= 300
