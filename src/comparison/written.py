"""A comparison written to files, and told in the terminal."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from src.comparison.latex import latex
from src.comparison.markdown import markdown
from src.comparison.page import write_page
from src.comparison.pictures import TITLES
from src.comparison.records import Comparison, Metric
from src.comparison.runs_csv import table_of_runs
from src.comparison.tables import Entry, heads, lines
from src.drawing.whole_files import whole

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDE = 200
"""Columns of the table where it is not shown in a terminal but kept in a file."""
WIDEST = 10_000
"""Columns that a table is measured in."""
NAME = 24
"""Columns that a name has before it is broken."""


def write(comparison: Comparison, folder: Path, pictures: Mapping[str, Path]) -> list[Path]:
    """Write comparison.md, .csv, .tex and .html into the folder, in place of earlier ones.

    Args:
        pictures: PNG files by name; the page shows those that it does not draw itself.

    Returns:
        Everything that was written, pictures included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {".md": markdown(comparison, folder), ".csv": table_of_runs(comparison), ".tex": latex(comparison)}
    files = [folder / f"comparison{ending}" for ending in texts]
    for file, text in zip(files, texts.values(), strict=True):
        with whole(file) as temporary:
            temporary.write_text(text, encoding="utf-8")
    shown = {title: pictures[name] for name, title in TITLES.items() if name in pictures}
    return [*files, write_page(comparison, folder / "comparison.html", shown), *pictures.values()]


def console() -> "Console":
    """The terminal; what is kept in a file is as wide as the table wants."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def tell(console: "Console", comparison: Comparison, files: list[Path]) -> None:
    """The table, what to know about it, what was left out, and where all of it was written."""
    table, left = fitting(console, comparison)
    console.print(table)
    if left:
        labels = ", ".join(each.label for each in left)
        console.print(f"no room here for: {labels} (comparison.md has them)", markup=False, soft_wrap=True)
    left_out = [f"left out: {folder}: {reason}" for folder, reason in comparison.left_out]
    for line in [*comparison.notes, *left_out, *(f"wrote {file}" for file in files)]:
        console.print(line, markup=False, soft_wrap=True)


def fitting(console: "Console", comparison: Comparison) -> tuple["Table", Sequence[Metric]]:
    """The table with as many columns, from the left, as there is room for whole figures, and the columns left out."""
    for columns in range(len(comparison.metrics), 0, -1):
        table = terminal_table(comparison, columns)
        if console.measure(table, options=console.options.update(max_width=WIDEST)).minimum <= console.width:
            break
    return table, comparison.metrics[columns:]


def terminal_table(comparison: Comparison, columns: int) -> "Table":
    """The best of a column has a star and what may be as good a ≈, so that both show without colour."""
    from rich.table import Table
    from rich.text import Text

    table = Table(caption="* best, ≈ not shown to be worse", caption_justify="left")
    longest = max(len(line.name) for line in lines(comparison))
    table.add_column("variant", overflow="fold", min_width=min(NAME, longest))
    table.add_column("runs", justify="right", width=len("runs"))
    for head in heads(comparison)[:columns]:
        words = max(map(len, head.split()))
        figures = max(len(_shown(line.entries[len(table.columns) - 2])[0]) for line in lines(comparison))
        table.add_column(Text(head), justify="right", width=max(words, figures))
    for line in lines(comparison):
        entries = (Text(*_shown(entry)) for entry in line.entries[:columns])
        table.add_row(Text(line.name), str(line.runs or ""), *entries)
    return table


def _shown(entry: Entry) -> tuple[str, str]:
    mark, style = {"best": ("*", "bold green"), "tied": ("≈", "green"), "": (" ", "")}[entry.rank]
    return (f"{entry.mean} {entry.spread}".strip() + f" {mark}", style) if entry.mean else ("", "")
