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


def watched() -> Stopwatch:
    """A stopwatch on the stations of a run. Importing them is timed as well."""
    watch, began = Stopwatch(), clock()
    from src import training
    from src.callbacks.pictures import PictureCallback
    from src.data import DataModule

    now = clock()
    watch.spent["imports"].append((now[0] - BEGAN, now[1]))
    assert began[0] >= BEGAN
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
    training = sum(job.figure("train/seconds") or 0.0 for job in jobs)
    report(watch, len(jobs), training, (wall, cpu))


def report(watch: Stopwatch, runs: int, training: float, total: Clock) -> None:
    """Print seconds a run."""
    within = watch.total("run")
    first = watch.spent["run"][0]
    print(f"\n{runs} runs, {training / runs:.2f} s of training each; seconds a run:      wall     CPU")
    for label in watch.spent:
        if label not in ("run", "imports"):
            print(f"  {label:<54}{watch.total(label)[0] / runs:8.3f}{watch.total(label)[1] / runs:8.3f}")
    imports = watch.total("imports")
    outside = [total[i] - within[i] - imports[i] for i in (0, 1)]
    print(f"  {'Hydra and the table':<54}{outside[0] / runs:8.3f}{outside[1] / runs:8.3f}")
    print(f"  {'imports, once':<54}{imports[0] / runs:8.3f}{imports[1] / runs:8.3f}")
    later = [(within[i] - first[i]) / max(runs - 1, 1) for i in (0, 1)]
    print(f"a run after the first, its training included{later[0]:20.3f}{later[1]:8.3f}")
    beyond = [(total[i] - training) / runs for i in (0, 1)]
    print(f"the whole command beyond training{beyond[0]:31.3f}{beyond[1]:8.3f}")


if __name__ == "__main__":
    main()
