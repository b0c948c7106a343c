"""What a stranger's run folder says stays text wherever it is written."""

import csv
import io
from pathlib import Path

import pytest

from src.comparison.compared import compare
from src.comparison.foreign_text import LONGEST, code_in_markdown, in_markdown, in_spreadsheet, one_line
from src.comparison.latex import latex
from src.comparison.markdown import markdown
from src.comparison.pictures import draw
from src.comparison.runs_csv import table_of_runs
from src.reading_runs import Read
from tests.comparison.run_folders import write_run

HOSTILE = "=cmd|'/c x'!A1 <script>a</script> \x1b[31m $\\badcmd{$ `x` | [a](http://b)\nnew"


def test_one_line_steers_no_terminal_and_is_cut() -> None:
    assert one_line("a\x1b[31m\r\nb\tc\u202e") == "a [31m b c"
    assert one_line("x" * 1000) == "x" * (LONGEST - 1) + "…"


def test_markdown_ends_no_cell_and_holds_no_html_and_no_link() -> None:
    assert in_markdown("a|b <b> [x](y)\n`c` *d*") == "a\\|b &lt;b> [x]\\(y) \\`c\\` \\*d\\*"
    assert code_in_markdown("a`b``c|d") == "``` a`b``c\\|d ```"
    assert code_in_markdown("sweep/0") == "`sweep/0`"


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-x", "'-x"), ("+cmd", "'+cmd"), ("-1.5", "-1.5"), ("vae", "vae"), ("", "")],
)
def test_a_spreadsheet_is_given_no_formula(text: str, cell: str) -> None:
    assert in_spreadsheet(text) == cell


def test_a_hostile_name_stays_one_cell_in_every_table(tmp_path: Path) -> None:
    runs = Read([write_run(tmp_path / "a", typed=(f"model={HOSTILE}",)), write_run(tmp_path / "b", "undercomplete")])
    comparison = compare(runs.runs, [(tmp_path / "c`d", HOSTILE)])
    text = markdown(comparison, tmp_path / "out")
    rows = [line for line in text.splitlines() if line.startswith("| =cmd")]
    assert len(rows) == 2  # of the table and of the folders
    assert "<script" not in text
    assert "\x1b" not in text
    (row,) = [row for row in csv.reader(io.StringIO(table_of_runs(comparison))) if "cmd" in row[0]]
    assert row[0].startswith("'=cmd")
    assert latex(comparison).count(r"\\") == 1 + 1 + 2  # the head, PCA, two variants


def test_a_dollar_in_a_name_is_drawn_as_one(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / str(b), typed=("model=$\\badcmd{$",), model__beta=b) for b in (1, 2)]
    assert "learning_curves" in draw(compare(Read(runs).runs, []), None, tmp_path / "figures")
