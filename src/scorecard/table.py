"""A score card as a table in the terminal, and live progress until it is there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from src.scorecard.card import Card, Line, Step
from src.scorecard.findings import Measured

WIDTH = 100
"""Columns of a table that is written to no terminal."""
BETTER = "bold green"
MOST_ALIKE = 12
"""Figures of one kind (`se/<class>`) that are all shown; of more the first ones, the rest are in the file."""


def card_table(card: Card) -> Table:
    """Figure, value and 95 % interval, PCA's beside them, and a star where the intervals say which is better."""
    table = Table()
    table.add_column("")
    for name in (card.model, card.rival):
        table.add_column(name, justify="right")
    for section, names in groupby(card.lines, lambda name: name.split("/")[0]):
        table.add_section()
        table.add_row(Text(section, style="bold"))
        for kind, alike in groupby(names, lambda name: name.rsplit("/", 1)[0]):
            every = list(alike)
            shown = every if kind == section else every[:MOST_ALIKE]
            for name in shown:
                table.add_row(*_row(name.removeprefix(f"{section}/"), card.lines[name]))
            if len(shown) < len(every):
                left = f"  {kind.removeprefix(f'{section}/')}/...: {len(every) - len(shown)} more in scorecard.json"
                table.add_row(Text(left, style="dim"))
    return table


def _row(name: str, line: Line) -> tuple[Text, Text, Text]:
    unit = f" ({line.model.unit})" if line.model.unit else ""
    wins = line.model_is_better
    return Text(f"  {name}{unit}"), _cell(line.model, wins is True), _cell(line.rival, wins is False)


def _cell(measured: Measured | None, better: bool) -> Text:
    if measured is None:
        return Text("")
    told, *ends = _numbers(float(measured.value), *(end for end in (measured.low, measured.high) if end is not None))
    told += f" [{', '.join(ends)}]" if ends else ""
    return Text(f"{told} *", style=BETTER) if better else Text(f"{told}  ")


def _numbers(value: float, *ends: float) -> list[str]:
    """A value to about four digits, and the ends of its interval to as many decimals."""
    size = abs(value)
    if size >= 1000 or all(number.is_integer() for number in (value, *ends)):
        return [f"{number:,.0f}" for number in (value, *ends)]
    if size < 1e-3:
        return [f"{number:.3g}" for number in (value, *ends)]
    decimals = 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 1 else 4
    return [f"{number:.{decimals}f}" for number in (value, *ends)]


def skipped_lines(card: Card) -> list[str]:
    """What could not be measured of the model, a line for each reason; why PCA lacks a figure stands in the file."""
    reasons: dict[str, list[str]] = {}
    for name, why in card.skipped.items():
        if not name.endswith(f" of {card.rival}"):
            reasons.setdefault(why, []).append(name)
    return [f"{', '.join(names)}: {why}" for why, names in reasons.items()]


@contextmanager
def told_live(steps: int, console: Console) -> Iterator[Step]:
    """A bar that moves on at each step where there is a terminal, a line for each step elsewhere."""
    if not console.is_terminal:
        yield lambda what: print(what, file=sys.stderr, flush=True)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=steps)
        done = -1

        def step(what: str) -> None:
            nonlocal done
            done += 1
            bar.update(task, completed=done, description=what)

        yield step
