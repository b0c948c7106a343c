"""The table at the end of a sweep, and the same as sweep.csv."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from src.run_folder import write_atomically
from src.sweeps.folder import Job, SweepFolder, swept

USUAL = "test/se"
"""What jobs are sorted by where nothing is optimised."""
HIGHER_IS_BETTER = ("psnr", "ssim", "log_likelihood", "images_per_second")
_IN_CSV = ("test/", "baseline/", "train/", "model/")
_STYLES = {"failed": "bold red", "damaged": "bold red", "interrupted": "yellow", "unfinished": "yellow"}


class Order(NamedTuple):
    """What the jobs are sorted by."""

    key: str
    minimised: bool

    @property
    def baseline(self) -> str | None:
        """The key of PCA's figure."""
        return self.key.replace("test/", "baseline/pca_", 1) if self.key.startswith("test/") else None

    def rank(self, value: float | None) -> tuple[bool, float]:
        """What to sort by: the best first, what has no figure last."""
        return value is None, (value or 0.0) * (1 if self.minimised else -1)


def order_of(sweep: SweepFolder, metric: str | None) -> Order:
    """By the optimised figure in the sweeper's direction, else by `test/se`."""
    if metric is None:
        return Order(USUAL, True)
    higher = metric.rsplit("/", 1)[-1].removeprefix("pca_") in HIGHER_IS_BETTER
    return Order(metric, sweep.minimised() if sweep.search() else not higher)


def status_of(job: Job) -> str:
    """The status as the table shows it: what still calls itself running when a sweep has ended is not."""
    return "unfinished" if job.status == "running" else job.status


def sweep_table(jobs: Sequence[Job], order: Order) -> Table:
    """A row for each job, best first, and one for PCA at each code size among them; failed ones at the end."""
    columns = [order.key, *([USUAL] if order.key != USUAL and any(USUAL in job.summary for job in jobs) else [])]
    table, what = Table(), swept(list(jobs))
    for title in ("job", "what was swept", "status"):
        table.add_column(title, overflow="fold")
    for title in (*columns, "seconds"):
        table.add_column(title, justify="right", no_wrap=True)
    rows: list[tuple[tuple[bool, float], list[Text]]] = []
    for job in jobs:
        state, seconds = status_of(job), job.figure("train/seconds")
        cells = [Text(job.name), Text(" ".join(what[job.name])), Text(state, _STYLES.get(state, ""))]
        cells += [Text(_figure(job.figure(key))) for key in columns]
        cells.append(Text("-" if seconds is None else f"{seconds:.1f}"))
        rows.append((order.rank(job.figure(order.key)), cells))
    for name, value in _baselines(jobs, order):
        baseline = ["", name, "", _figure(value), *[""] * len(columns)]
        rows.append((order.rank(value), [Text(cell, "dim italic") for cell in baseline]))
    for _, row in sorted(rows, key=lambda row: row[0]):
        table.add_row(*row)
    return table


def write_csv(file: Path, jobs: Sequence[Job], order: Order) -> None:
    """A line for each job in the order of the table: what was swept, status, every test figure and PCA's."""
    ranked = sorted(jobs, key=lambda job: order.rank(job.figure(order.key)))
    what = swept(list(jobs))
    keys = (key for job in ranked for key in job.summary if key.startswith(_IN_CSV))
    columns = list(dict.fromkeys([order.key, *keys]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["job", "swept", "status", *columns, "folder", "error"])
    for job in ranked:
        figures = [job.summary.get(key, "") for key in columns]
        writer.writerow([job.name, " ".join(what[job.name]), status_of(job), *figures, str(job.folder), job.error])
    write_atomically(file, text.getvalue())


def _baselines(jobs: Sequence[Job], order: Order) -> list[tuple[str, float]]:
    """PCA's figure, once for each code size, and for each data set where the jobs have several."""
    found = dict.fromkeys(
        (f"PCA-{job.summary.get('baseline/pca_components', '?')}", value)
        for job in jobs
        if order.baseline and (value := job.figure(order.baseline)) is not None
    )
    return list(found)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
