"""The table: means, spreads, order, marks, PCA, notes; as Markdown, CSV and LaTeX."""

import csv
import io
import json
from pathlib import Path
from statistics import mean, stdev

import pytest
from rich.console import Console

from src.comparison.compared import compare
from src.comparison.latex import latex
from src.comparison.markdown import markdown
from src.comparison.records import Comparison
from src.comparison.runs_csv import table_of_runs
from src.comparison.written import fitting
from src.errors import UserError
from src.reading_runs import Read
from tests.comparison.run_folders import write_run

GOOD, BAD = (1.0, 1.1, 1.2), (2.9, 3.1, 3.3)


def sweep(root: Path) -> Comparison:
    paths = [write_run(root / f"good{i}", "undercomplete", seed=i, se=se) for i, se in enumerate(GOOD)]
    paths += [write_run(root / f"bad{i}", "vae", seed=i, se=se) for i, se in enumerate(BAD)]
    read = Read(paths)
    return compare(read.runs, read.left_out)


def test_a_number_of_the_table_is_what_the_files_say(tmp_path: Path) -> None:
    comparison = sweep(tmp_path)
    by_hand = [json.loads((tmp_path / f"bad{i}" / "summary.json").read_text())["test/se"] for i in range(3)]
    cell = comparison.cells["vae", "test/se"]
    assert (cell.mean, cell.std) == (pytest.approx(mean(by_hand)), pytest.approx(stdev(by_hand)))
    assert f"{mean(by_hand):.2f}" in markdown(comparison, tmp_path / "comparison")
    run = comparison.variants[1].runs[0]
    file, _, key = run.sources["test/se"].partition(": ")
    assert json.loads((run.folder / file).read_text())[key] == run.figures["test/se"]


def test_the_best_stands_first_and_the_worse_is_not_marked(tmp_path: Path) -> None:
    comparison = sweep(tmp_path)
    assert [variant.name for variant in comparison.variants] == ["undercomplete", "vae"]
    assert [comparison.cells[name, "test/se"].rank for name in ("undercomplete", "vae")] == ["best", ""]
    assert comparison.baseline["test/se"] == [("PCA-8", 2.0)]
    assert any(note == "Worse than PCA at the same code size by se: vae." for note in comparison.notes)
    assert any("Holm" in note for note in comparison.notes)


def test_sorting_by_another_figure(tmp_path: Path) -> None:
    a = write_run(tmp_path / "a", "vae", summary={"test/psnr": 20.0, "test/odd": 3.0})
    b = write_run(tmp_path / "b", "undercomplete", summary={"test/psnr": 10.0, "test/odd": 1.0})
    runs = Read([a, b]).runs
    assert [v.name for v in compare(runs, [], "test/psnr").variants] == ["vae", "undercomplete"]
    odd = compare(runs, [], "test/odd", ["test/se"])
    assert [v.name for v in odd.variants] == ["undercomplete", "vae"]
    assert [m.key for m in odd.metrics] == ["test/odd", "test/se"]
    assert {cell.rank for (_, key), cell in odd.cells.items() if key == "test/odd"} == {""}


@pytest.mark.parametrize(("asked", "words"), [("test/sse", "did you mean 'test/se'?"), ("zzz", "they have: baseline/")])
def test_a_figure_that_no_run_has_is_told(tmp_path: Path, asked: str, words: str) -> None:
    runs = Read([write_run(tmp_path / "a")]).runs
    with pytest.raises(UserError) as error:
        compare(runs, [], asked)
    assert str(error.value).startswith(f"sort_by={asked}: no run has this figure; {words}")
    with pytest.raises(UserError, match=f"metrics={asked}"):
        compare(runs, [], metrics=[asked])


def test_the_end_of_a_key_does_where_it_means_one_figure(tmp_path: Path) -> None:
    scores = {name: {"value": 1.0} for name in ("reconstruction/se", "code/ari", "noise/psnr", "blur/psnr")}
    runs = Read([write_run(tmp_path / "a", scores=scores)]).runs
    asked = ["se", "ari", "seconds", "reconstruction/se"]
    found = ["test/se", "scorecard/code/ari", "train/seconds", "scorecard/reconstruction/se"]
    assert [metric.key for metric in compare(runs, [], metrics=asked).metrics] == found
    with pytest.raises(UserError, match="several figures end so; take one of blur/psnr, noise/psnr"):
        compare(runs, [], "psnr")
    with pytest.raises(UserError, match="did you mean 'code/ari'"):
        compare(runs, [], "code/arj")


def test_one_seed_each_is_told_and_score_cards_tie(tmp_path: Path) -> None:
    score = {"better": "lower", "unit": "", "n": 9, "pca": 2.0}
    a = write_run(tmp_path / "a", scores={"reconstruction/se": score | {"value": 1.0, "low": 0.8, "high": 1.2}})
    b = write_run(
        tmp_path / "b", "undercomplete", scores={"reconstruction/se": score | {"value": 1.1, "low": 0.9, "high": 1.3}}
    )
    comparison = compare(Read([a, b]).runs, [], "reconstruction/se")
    assert comparison.sorted_by.key == "scorecard/reconstruction/se"
    assert comparison.cells["undercomplete", "scorecard/reconstruction/se"].rank == "tied"
    assert comparison.cells["vae", "scorecard/reconstruction/se"].std is None
    assert comparison.baseline["scorecard/reconstruction/se"] == [("PCA-8", 2.0)]
    assert any("no test says" in note for note in comparison.notes)
    assert any("95 % intervals" in note for note in comparison.notes)
    assert comparison.variants[0].runs[0].sources["scorecard/reconstruction/se"].startswith("scorecard.json: ")


def test_a_column_that_one_seed_alone_has_is_told(tmp_path: Path) -> None:
    score = {"value": 0.5, "low": 0.4, "high": 0.6, "better": "higher", "unit": ""}
    paths = []
    for model, value in (("vae", 0.5), ("undercomplete", 0.55)):
        paths.append(write_run(tmp_path / f"{model}1", model, 1, scores={"code/nmi": score | {"value": value}}))
        paths.append(write_run(tmp_path / f"{model}2", model, 2, se=2.0))
    comparison = compare(Read(paths).runs, [], metrics=["test/se", "code/nmi"])
    assert comparison.cells["vae", "scorecard/code/nmi"].rank == "tied"
    assert any("Holm" in note for note in comparison.notes)
    assert any(note.startswith("code: nmi: too few variants have two seeds") for note in comparison.notes)


def test_a_variant_without_the_figure_is_last_and_told(tmp_path: Path) -> None:
    a, b = write_run(tmp_path / "a", se=None), write_run(tmp_path / "b", "undercomplete")
    comparison = compare(Read([a, b]).runs, [])
    assert [v.name for v in comparison.variants] == ["undercomplete", "vae"]
    assert ("vae", "test/se") not in comparison.cells
    assert "Without test/se, and therefore last: vae." in comparison.notes


def test_without_a_run_the_reasons_are_told() -> None:
    with pytest.raises(UserError, match=r"no finished run to compare:\n  x: failed: boom"):
        compare([], [(Path("x"), "failed: boom")])


def test_csv_has_a_row_a_run_with_folder_settings_and_every_figure(tmp_path: Path) -> None:
    comparison = sweep(tmp_path)
    rows = list(csv.DictReader(io.StringIO(table_of_runs(comparison))))
    assert [float(row["test/se"]) for row in rows] == [*GOOD, *BAD]
    assert rows[3]["folder"] == str(tmp_path / "bad0")
    assert rows[3]["setting/model._target_"] == "src.models.VariationalAutoencoder"
    assert rows[3]["baseline/pca_se"] == "2.0"


def test_markdown_names_runs_sources_and_what_was_left_out(tmp_path: Path) -> None:
    runs = Read([write_run(tmp_path / "0"), write_run(tmp_path / "1", "undercomplete", se=3.0)]).runs
    text = markdown(compare(runs, [(tmp_path / "2", "failed: boom")]), tmp_path / "comparison")
    assert "| vae | 1 | **1** |" in text
    assert "- `../2`: failed: boom" in text
    assert "| vae | 0 | `../0` |" in text
    assert "- se: `summary.json: test/se`" in text


def test_latex_escapes_names(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / str(b), typed=("model=beta_vae", f"model.beta={b}"), model__beta=b) for b in (1, 4)]
    text = latex(compare(Read(runs).runs, []))
    assert r"beta\_vae, beta=1 & " in text
    assert r"se $\downarrow$" in text
    assert text.count(r"\\") == 1 + 1 + 2  # the head, PCA, two variants


def test_figures_of_score_cards_that_were_measured_differently_are_not_ranked(tmp_path: Path) -> None:
    """A Frechet distance of 500 samples stands above one of 2,000 of the same model."""
    key = "scorecard/generation/frechet"
    paths = []
    for seed in (1, 2):
        for model, most, value in (("vae", 2000, 1.0), ("undercomplete", 500, 5.0)):
            way = {"suite": "quick", "seed": seed, "max_samples": most, "checkpoint": "best"}
            scores = {"generation/frechet": {"value": value * (1 + seed / 100), "better": "lower"}}
            paths.append(write_run(tmp_path / f"{model}{seed}", model, seed, value, scores=scores, way=way))
    apart = compare(Read(paths).runs, [], metrics=[key])
    assert {cell.rank for (_, of), cell in apart.cells.items() if of == key} == {""}
    assert apart.cells["vae", "test/se"].rank == "best"
    (note,) = [note for note in apart.notes if "not all measured in one way" in note]
    assert "(max_samples=2000 in 2 runs, max_samples=500 in 2 runs)" in note
    assert "generation: frechet" in note
    for i, path in enumerate(paths):  # a dial of a section tells ways apart as well
        card = json.loads((path / "scorecard.json").read_text()) | {"max_samples": 2000}
        card["dials"] = ["sections.generation.samples=500"] if i % 2 else []
        (path / "scorecard.json").write_text(json.dumps(card))
    other = compare(Read(paths).runs, [], metrics=[key])
    assert any('dials=["sections.generation.samples=500"] in 2 runs' in note for note in other.notes)
    for path in paths:  # one way, whatever the seed of the resamples
        card = json.loads((path / "scorecard.json").read_text())
        (path / "scorecard.json").write_text(json.dumps(card | {"dials": []}))
    alike = compare(Read(paths).runs, [], metrics=[key])
    assert {alike.cells[name, key].rank for name in ("vae", "undercomplete")} == {"best", ""}
    assert not any("one way" in note for note in alike.notes)


@pytest.mark.parametrize("width", [50, 80, 200])
def test_a_narrow_terminal_shows_whole_figures_and_names_the_rest(tmp_path: Path, width: int) -> None:
    summary = {"test/psnr": 15.95, "test/ssim": 0.75, "model/parameters": 1234567, "test/log_likelihood": -100.25}
    runs = Read([write_run(tmp_path / "a", summary=summary), write_run(tmp_path / "b", "undercomplete")]).runs
    comparison = compare(runs, [])
    console = Console(width=width, file=(printed := io.StringIO()))
    table, left = fitting(console, comparison)
    console.print(table)
    text = printed.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    shown = len(comparison.metrics) - len(left)
    row = next(line for line in text.splitlines() if "vae" in line)
    assert shown > 0
    assert [cell.strip(" *≈") for cell in row.split("│")[3:-1]] == FIGURES[:shown]
    assert (shown == len(comparison.metrics)) is (width == 200)


FIGURES = ["1", "15.95", "0.7500", "−100.2", "1.500", "1,234,567"]
