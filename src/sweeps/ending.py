"""What is told when a sweep ends, however it ends: the table of its jobs, and how to go on."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from src.holding import held
from src.run_folder import RunFolder
from src.sweeps.folder import Job, SweepFolder, swept
from src.sweeps.resuming import ENDED, left_of

WIDE = 160
"""Columns of the table where it is written to a file."""
_begun: list[tuple[SweepFolder, str | None]] = []
"""The sweep that this process has begun, and what it optimises."""
_holding = ExitStack()
"""What lets go of its folder."""


def begins(sweep: SweepFolder, metric: str | None) -> None:
    """Note a sweep, so that its end can be told, and hold its folder until then.

    Raises:
        UserError: a sweep is running in that folder.
    """
    _holding.enter_context(held(sweep.path))
    _begun[:] = [(sweep, metric)]


def any_failed() -> bool:
    """Whether a job of the sweep that was begun has failed, wherever it ran."""
    return any(job.status in ("failed", "damaged") for sweep, _ in _begun for job in sweep.jobs())


@contextmanager
def ending_told() -> Iterator[None]:
    """Whatever ends the sweep within, its table follows; exit code 1 where a job failed."""
    _begun.clear()
    try:
        yield
    finally:
        _holding.close()
        for sweep, metric in _begun:
            _tell(sweep, metric)
    if any_failed():
        sys.exit(1)


@contextmanager
def failure_noted(folder: RunFolder) -> Iterator[None]:
    """A job that fails before it has a summary gets one, so that the table knows of it."""
    try:
        yield
    except Exception as error:
        if not (folder.path / "summary.json").exists():
            folder.write_summary({"status": "failed", "error": str(error) or type(error).__name__})
        raise


def _tell(sweep: SweepFolder, metric: str | None) -> None:
    from rich.console import Console

    from src.sweeps.table import order_of, sweep_table, write_csv

    jobs, order = sweep.jobs(), order_of(sweep, metric)
    if not jobs:
        return
    write_csv(sweep.path / "sweep.csv", jobs, order)
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
    console.print()
    console.print(sweep_table(jobs, order))
    what = swept(jobs)
    for job in jobs:
        if job.error:
            print(f"job {job.name} ({' '.join(what[job.name])}) failed: {job.error.splitlines()[0]}")
    print(f"{_count(jobs, sweep.planned())}; folder: {sweep.path}")
    if waiting := _waiting(sweep, jobs):
        what_is_left = "one that is" if waiting == 1 else f"{waiting} that are"
        print(f"go on with the {what_is_left} left by: python -m src.train resume_sweep='{sweep.path}'")


def _count(jobs: list[Job], planned: int | None) -> str:
    done, failed = sum(job.done for job in jobs), sum(job.status in ("failed", "damaged") for job in jobs)
    return f"{done} of {planned or len(jobs)} jobs done" + (f", {failed} failed" if failed else "")


def _waiting(sweep: SweepFolder, jobs: list[Job]) -> int:
    """How many jobs `resume_sweep` would run."""
    return (sweep.planned() or len(jobs)) - sum(left_of(sweep, job) in ENDED for job in jobs)
