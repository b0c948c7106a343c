"""`python -m src.compare` from the command line to its files, on a real sweep."""

import errno
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from src import compare
from src.comparison import compared
from src.reading_runs import Read
from src.reopening_runs import same_examples
from tests.comparison.run_folders import write_run
from tests.conftest import NO_PICTURES, TINY, run

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Typed:
    """Types `python -m src.compare ...` in a folder of its own; gives the exit code and both outputs."""
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    monkeypatch.chdir(tmp_path)

    def enter(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", [str(Path(compare.__file__)), *arguments])
        code = 0
        try:
            compare.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return (code, *capfd.readouterr())

    return enter


@pytest.fixture(scope="session")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two variants of two seeds, one that makes images only, one that failed, in the folder of a sweep."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "multirun.yaml").write_text("")
    for i, (model, seed) in enumerate([("undercomplete", 1), ("vae", 1), ("undercomplete", 2), ("vae", 2), ("gan", 1)]):
        run(folder / str(i), f"model={model}", f"seed={seed}", *TINY, *NO_PICTURES)
    write_run(folder / "5", summary={"status": "failed", "error": "boom"})
    return folder


def files_of(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_sweep_becomes_tables_pictures_and_a_page(sweep: Path, typed: Typed, tmp_path: Path) -> None:
    before = files_of(sweep)
    code, printed, _ = typed(f"runs={sweep}", "out=here", "images=4", "points=12")
    assert code == 0
    assert files_of(sweep) == before
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    names = ["comparison.csv", "comparison.html", "comparison.md", "comparison.tex", "figures"]
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == names
    pictures = {file.stem for file in (tmp_path / "here" / "figures").glob("*.png")}
    assert pictures >= {"learning_curves", "trade_offs", "loss_breakdown", "side_by_side", "latent_maps"}
    text = (tmp_path / "here" / "comparison.md").read_text(encoding="utf-8")
    by_hand = [json.loads((sweep / i / "summary.json").read_text())["test/se"] for i in ("1", "3")]
    row = next(line for line in text.splitlines() if line.startswith("| vae | 2 |"))
    shown, spread = (float(part.strip(" *≈")) for part in row.split("|")[3].split("±"))
    assert abs(shown - sum(by_hand) / 2) < 0.01
    assert abs(spread - abs(by_hand[0] - by_hand[1]) / math.sqrt(2)) < 0.01
    assert "Without test/se, and therefore last: gan." in text
    assert f"left out: {sweep / '5'}: failed: boom" in printed
    assert "wrote here/comparison.html" in printed


def test_by_default_it_lies_beside_the_jobs_of_a_sweep_and_else_apart(typed: Typed, tmp_path: Path) -> None:
    for i in range(2):
        write_run(tmp_path / "sweep" / str(i), seed=i)
    assert typed("runs=sweep", "images=0", "points=0")[0] == 0
    assert len(list((tmp_path / "outputs" / "comparisons").glob("*/comparison.md"))) == 1
    (tmp_path / "sweep" / "multirun.yaml").write_text("")
    for _ in range(2):  # the second time the comparison's own folder is there, and is no run
        assert typed("runs=sweep", "images=0", "points=0")[0] == 0
    assert (tmp_path / "sweep" / "comparison" / "comparison.html").is_file()


def test_a_run_whose_checkpoint_is_gone_is_in_the_table_and_told(typed: Typed, tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    code, printed, _ = typed("runs=a", "out=here")
    assert code == 0
    assert "vae is not among the pictures of test examples: " in printed
    assert not (tmp_path / "here" / "figures" / "side_by_side.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "runs is missing: give run folders"),
        (("runs=nowhere/*",), "runs=nowhere/* matches no folder; put quotes"),
        (("runs=a,b",), "'runs=[a,b]'"),
        (("runs=going",), "there is no finished run to compare:\n  going: still going"),
        (("runs=[one,other]",), "2 different data"),
        (("runs=one", "sort_by=test/sse"), "did you mean 'test/se'?"),
        (("runs=one", "images=-1"), "images=-1: expected a whole number of at least 0"),
        (("runs=one", "imges=1"), "did you mean 'images'?"),
        (("runs=one", "wandb.report=maybe"), "wandb.report=maybe: expected true or false"),
        (("runs=one", "-m"), "leave out -m"),
        (("runs=one", "out=one"), "out=one is the run folder one or lies in it, and a comparison changes no run"),
        (("runs=one", "out=one/comparison"), "a comparison changes no run"),
        (("runs=one", "out=one.txt"), "the comparison cannot be written to one.txt: "),
        (("runs=one", "out=one.txt/in"), "Name another folder: out=..."),
        (("runs=one", "wandb.projct=x"), "did you mean 'wandb.project'?"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    typed: Typed, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    write_run(tmp_path / "one")
    write_run(tmp_path / "other", data__split_seed=5)
    write_run(tmp_path / "going", summary={"status": "running"})
    (tmp_path / "one.txt").write_text("mine")
    before = files_of(tmp_path)
    code, _, told = typed(*arguments)
    assert code == 1
    assert words in told
    assert "Traceback" not in told
    assert files_of(tmp_path) == before


def test_a_hundred_runs_are_grouped_by_seed(typed: Typed, tmp_path: Path) -> None:
    for i in range(100):
        beta, seed = divmod(i, 4)
        write_run(tmp_path / "many" / str(i), seed=seed, se=1 + i, model__beta=1 + beta)
    code, _, _ = typed("runs=many", "out=here", "images=0", "points=0")
    assert code == 0
    text = (tmp_path / "here" / "comparison.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| vae, ") and "± 1.3" in line]
    assert rows[0].startswith("| vae, beta=1 | 4 | **2.5 ± 1.3** |")
    assert len(rows) == 25


def test_a_report_on_runs_that_were_not_tracked_is_refused_after_the_rest_is_written(
    typed: Typed, tmp_path: Path
) -> None:
    write_run(tmp_path / "one")
    code, printed, told = typed("runs=one", "out=here", "images=0", "points=0", "wandb.report=true")
    assert code == 1
    assert "none of these runs was tracked by W&B" in told
    assert "wrote here/comparison.html" in printed


def test_what_is_interrupted_leaves_the_comparison_that_was_there(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "one")
    assert typed("runs=one", "out=here", "images=0", "points=0")[0] == 0
    before = files_of(tmp_path)
    write_run(tmp_path / "two", "undercomplete", se=3.0)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", interrupted)
    assert typed("runs=[one,two]", "out=here", "images=0", "points=0")[0] == 130
    assert {file: content for file, content in files_of(tmp_path).items() if "two" not in file.parts} == before


def test_a_full_disk_is_told_and_leaves_no_half_page(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "one")
    write_text = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        if path.suffix == ".html":
            write_text(path, text[:100], **options)
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write_text(path, text, **options)

    monkeypatch.setattr(Path, "write_text", full)
    code, _, told = typed("runs=one", "out=here", "images=0", "points=0")
    assert code == 1
    assert told == "the comparison cannot be written to here: No space left on device. Name another folder: out=...\n"
    assert not list((tmp_path / "here").rglob("*.html"))


def test_maps_beyond_the_most_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sweep: Path) -> None:
    monkeypatch.setattr("src.reopening_runs.MOST_MAPS", 1)
    found = compared.compare(Read([sweep / "0", sweep / "1"]).runs, [])
    examples, told = same_examples(found.variants, 0, 12)
    assert examples is not None
    assert list(examples.codes) == [found.variants[0].name]
    assert told == ["Codes are mapped of the best 1 variants that encode, and not of the others."]
