"""The W&B report and the view: what stands in their files, what is sent, and what is said when they cannot."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from src import tracking
from src.comparison import report as reporting
from src.comparison.page_charts import curve_names
from src.comparison.records import Comparison
from src.comparison.report import write_report
from src.errors import UserError
from tests.comparison.page_example import METRICS, example
from tests.conftest import TINY, run
from tests.wandb_file import wandb_files

pytest.importorskip("wandb_workspaces", reason="wandb-workspaces is not installed")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")


def tracked(folder: Path) -> Comparison:
    """The example, each run with an id such as W&B gives."""
    comparison = example(folder)
    for v, variant in enumerate(comparison.variants):
        for one in variant.runs:
            (one.folder / "wandb").mkdir(parents=True)
            (one.folder / "wandb" / "run_id.txt").write_text(f"run{v}seed{one.seed}\n")
    return comparison


def found(value: Any, key: str) -> list[Any]:
    """Every value under a key, anywhere in a JSON document."""
    if isinstance(value, dict):
        here = [value[key]] if key in value else []
        return here + [each for inner in value.values() for each in found(inner, key)]
    return [each for inner in value for each in found(inner, key)] if isinstance(value, list) else []


@pytest.mark.usefixtures("offline")
def test_the_report_has_every_variant_and_every_metric(tmp_path: Path) -> None:
    comparison = tracked(tmp_path / "runs")
    told = write_report(comparison, tmp_path, project="zoo")
    assert str(tmp_path / "report.json") in told
    document = json.loads((tmp_path / "report.json").read_text())
    assert document["project"]["name"] == "zoo"
    (sets, *others) = found(document, "runSets")
    assert [one["name"] for one in sets] == [variant.name for variant in comparison.variants]
    assert all("project" not in one for one in sets)
    ids = [one["filters"]["filters"][0]["value"] for one in sets]
    assert ids[0] == ["run0seed1", "run0seed2", "run0seed3"]
    assert ids[4] == ["run4seed1"]
    assert all([one["name"] for one in other] == [one["name"] for one in sets] for other in others)
    titles = found(document, "chartTitle")
    assert {metric.label for metric in METRICS} | set(curve_names(comparison)) <= set(titles)
    drawn = [name for names in found(document, "metrics") for name in names]
    assert {f"summary_metrics.{metric.key}" for metric in METRICS} <= set(drawn)
    assert ["figures/reconstructions"] in found(document, "mediaKeys")
    (table,) = found(document, "content")
    assert "<script" not in table.replace("\\<", "")
    assert all(metric.label in table for metric in METRICS)


@pytest.mark.usefixtures("offline")
def test_the_view_shows_these_runs_alone_grouped_by_what_differs(tmp_path: Path) -> None:
    comparison = tracked(tmp_path / "runs")
    write_report(comparison, tmp_path, project="zoo", entity="lab")
    document = json.loads((tmp_path / "workspace.json").read_text())
    assert (document["entity"], document["project"]) == ("lab", "zoo")
    (sets,) = found(document, "runSets")
    assert len(sets[0]["filters"]["filters"][0]["value"]) == sum(len(variant.runs) for variant in comparison.variants)
    assert sets[0]["grouping"][0] == {"section": "config", "name": "model.value._target_"}
    colours = found(document, "customRunColors")[0]
    assert colours["run0seed1"] == colours["run0seed2"] != colours["run1seed1"]
    assert {metric.label for metric in METRICS} <= set(found(document, "chartTitle"))


class StandIn:
    """In place of a report and of a view: nothing is sent, and it is known that it was to be."""

    def __init__(self, url: str, answer: Exception | None = None) -> None:
        self.url, self.answer, self.saved = url, answer, 0

    def save(self) -> None:
        self.saved += 1
        if self.answer:
            raise self.answer


def online(monkeypatch: pytest.MonkeyPatch, *sent: StandIn) -> list[tuple[str, str]]:
    """W&B is reached, and takes the stand-ins; where they would have been sent."""
    where: list[tuple[str, str]] = []
    built = reporting._built

    def stood_in(comparison: Any, ids: Any, project: str, entity: str, offline: bool) -> Any:
        if offline:
            return built(comparison, ids, project, entity, offline)
        where.append((entity, project))
        return sent

    monkeypatch.setattr(tracking, "is_online", lambda: True)
    monkeypatch.setattr(reporting, "_default_entity", lambda: "home")
    monkeypatch.setattr(reporting, "_built", stood_in)
    return where


def test_online_both_are_saved_once_and_their_addresses_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, view = StandIn("address of the report"), StandIn("address of the view")
    where = online(monkeypatch, page, view)
    told = write_report(tracked(tmp_path / "runs"), tmp_path, project="zoo")
    assert (page.saved, view.saved) == (1, 1)
    assert where == [("home", "zoo")]
    assert "address of the report" in told
    assert "address of the view" in told
    assert (tmp_path / "report.json").is_file()


def test_a_refusal_is_one_sentence_and_the_files_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = StandIn("", Exception("not logged in to W&B\nand more that no one reads"))
    online(monkeypatch, refused, StandIn(""))
    with pytest.raises(UserError, match=r"did not take the report: not logged in to W&B Check the key") as error:
        write_report(tracked(tmp_path / "runs"), tmp_path, project="zoo")
    assert "no one reads" not in str(error.value)
    assert (tmp_path / "workspace.json").is_file()


@pytest.mark.usefixtures("offline")
def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb_workspaces.reports.v2", None)
    with pytest.raises(UserError, match="needs wandb-workspaces: pip install wandb-workspaces"):
        write_report(tracked(tmp_path / "runs"), tmp_path, project="zoo")


@pytest.mark.usefixtures("offline")
def test_runs_that_were_not_tracked_are_named_or_refused(tmp_path: Path) -> None:
    comparison = tracked(tmp_path / "runs")
    (comparison.variants[1].runs[0].folder / "wandb" / "run_id.txt").write_text("x') or True or Metric('ID")
    write_report(comparison, tmp_path, project="zoo")
    assert "vae, beta=4: 1 of its runs were not tracked by W&B." in (tmp_path / "report.json").read_text()
    with pytest.raises(UserError, match="none of these runs was tracked by W&B.*logger=wandb"):
        write_report(example(tmp_path / "untracked"), tmp_path, project="zoo")


@pytest.mark.usefixtures("offline")
def test_the_project_is_the_one_that_the_runs_were_tracked_in(tmp_path: Path) -> None:
    comparison = tracked(tmp_path / "runs")
    with pytest.raises(UserError, match="tracked in no project.*wandb.project="):
        write_report(comparison, tmp_path)
    configured = [
        replace(v, runs=[replace(one, config={"logger": {"wandb": {"project": "mine"}}}) for one in v.runs])
        for v in comparison.variants
    ]
    write_report(replace(comparison, variants=configured), tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["project"]["name"] == "mine"


def test_what_the_report_asks_of_a_run_is_in_wandb(tmp_path: Path) -> None:
    """The id, the config keys that runs are grouped by, the figures of the summary, the pictures."""
    summary = run(tmp_path, "model=vae", *TINY, "logger=wandb", "logger.wandb.mode=offline")
    (file,) = wandb_files(tmp_path)
    assert tracking.run_id_of(tmp_path) == file.run.run_id
    assert file.config["seed"] == summary["seed"]
    assert file.config["model"]["_target_"] == "src.models.VariationalAutoencoder"
    for key in ("test/se", "baseline/pca_se", "model/parameters", "train/seconds"):
        assert file.summary[key] == pytest.approx(summary[key]), key
    assert file.column("figures/reconstructions")
