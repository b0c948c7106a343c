"""Work that takes long is seen to go on."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

PATIENCE_SECONDS = 1.0
"""Work that is done sooner needs no bar."""

T = TypeVar("T")


def watched(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The same items, with a bar in a terminal once they take longer than a second."""
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    started, bar = time.monotonic(), None
    try:
        for n, item in enumerate(items, start=1):
            if bar is None and sys.stdout.isatty() and time.monotonic() - started > PATIENCE_SECONDS:
                columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
                bar = Progress(*columns, transient=True)
                task = bar.add_task(what, total=total)
                bar.start()
            if bar is not None:
                bar.update(task, completed=n)
            yield item
    finally:
        if bar is not None:
            bar.stop()
