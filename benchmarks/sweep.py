"""`python -m benchmarks.sweep`: what a run of a sweep costs beyond its training, and where that goes.

24 runs of 2 epochs on digits, as shipped: W&B offline, all pictures. Both clocks are printed, for the wall clock also
counts what else the machine does. "Beyond training" is everything outside of `train/seconds`: the command's start and
imports, Hydra, the data, validation, test, PCA, pictures, checkpoints and W&B.
"""

import argparse
import functools
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

BEGAN = time.perf_counter()
"""Before anything of the project is imported."""
Clock = tuple[float, float]


def clock() -> Clock:
    """Wall and CPU seconds."""
    return time.perf_counter(), time.process_time()


class Stopwatch:
    """Adds up how long functions take, by label."""

    def __init__(self) -> None:
        self.spent: dict[str, list[Clock]] = defaultdict(list)

    def watch(self, owner: Any, name: str, label: str) -> None:
        """Put a timed function in the place of `owner.name`."""
        function: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            wall, cpu = clock()
            try:
                return function(*args, **kwargs)
            finally:
                now = clock()
                self.spent[label].append((now[0] - wall, now[1] - cpu))

        setattr(owner, name, timed)

    def total(self, label: str) -> Clock:
        """Over all calls."""
        return sum(wall for wall, _ in self.spent[label]), sum(cpu for _, cpu in self.spent[label])


def watch_training(watch: Stopwatch) -> None:
    """Both clocks over what `train/seconds` counts: from each batch to the next, from the start of each epoch on."""
    from src.callbacks import Record

    since = [clock()]
    start, end, validated = Record.on_train_epoch_start, Record.on_train_batch_end, Record.on_validation_end

    def starting(self: Record, *args: Any) -> None:
        start(self, *args)
        since[0] = clock()

    def ending(self: Record, *args: Any) -> None:
        end(self, *args)
        now = clock()
        watch.spent["training"].append((now[0] - since[0][0], now[1] - since[0][1]))
        since[0] = now

    def after_validation(self: Record, *args: Any) -> None:
        validated(self, *args)
        since[0] = clock()

    Record.on_train_epoch_start = starting  # type: ignore[method-assign]
    Record.on_train_batch_end = ending  # type: ignore[method-assign]
    Record.on_validation_end = after_validation  # type: ignore[method-assign]


def watched() -> Stopwatch:
    """A stopwatch on the stations of a run. Importing them is timed as well."""
    watch = Stopwatch()
    from src import training
    from src.callbacks.pictures import PictureCallback
    from src.data import DataModule

    now = clock()
    watch.spent["imports"].append((now[0] - BEGAN, now[1]))
    watch_training(watch)
    watch.watch(training, "train", "run")
    watch.watch(training._Run, "check", "check the config")
    watch.watch(training.tracking, "start", "W&B: start")
    watch.watch(training.tracking, "finish", "W&B: finish")
    watch.watch(DataModule, "setup", "data")
    watch.watch(PictureCallback, "_take", "pictures")
    watch.watch(training._Run, "test", "test and PCA")
    return watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=24)
    parser.add_argument("overrides", nargs="*", help="e.g. logger=none")
    options = parser.parse_args()
    os.environ["WANDB_MODE"] = "offline"
    watch = watched()
    from src import train
    from src.sweeps.folder import SweepFolder

    with tempfile.TemporaryDirectory() as folder:
        typed = [f"seed=range({options.runs})", "trainer.max_epochs=2", f"hydra.sweep.dir={folder}", *options.overrides]
        sys.argv = [str(Path(train.__file__)), "-m", *typed]
        train.main()
        wall, cpu = time.perf_counter() - BEGAN, time.process_time()
        jobs = SweepFolder(folder).jobs()
    report(watch, [job.figure("train/seconds") or 0.0 for job in jobs], (wall, cpu))


def report(watch: Stopwatch, training: list[float], total: Clock) -> None:
    """Print seconds a run."""
    runs = len(training)
    print(f"\n{runs} runs of {sum(training) / runs:.2f} s of training (train/seconds); seconds a run:")
    print(f"{'':56}{'wall':>8}{'CPU':>8}")
    inside, imports, trained = (watch.total(label) for label in ("run", "imports", "training"))
    for label in sorted(watch.spent, key=lambda label: -watch.total(label)[0]):
        if label not in ("run", "imports", "training"):
            _line(f"  {label}", watch.total(label), runs)
    _line("  Hydra, and the table", _minus(_minus(total, inside), imports), runs)
    _line("  imports, once", imports, runs)
    first = watch.spent["run"][0]
    later = _minus(_minus(inside, first), _minus(trained, (trained[0] / runs, trained[1] / runs)))
    _line("a run after the first, beyond its training, without Hydra", later, runs - 1)
    _line("the whole command, beyond training", _minus(total, trained), runs)


def _minus(one: Clock, other: Clock) -> Clock:
    return one[0] - other[0], one[1] - other[1]


def _line(label: str, spent: Clock, runs: int) -> None:
    print(f"{label:<56}{spent[0] / max(runs, 1):8.3f}{spent[1] / max(runs, 1):8.3f}")


if __name__ == "__main__":
    main()
