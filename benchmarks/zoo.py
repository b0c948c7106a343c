"""`make zoo`: every shipped model config trained for one epoch, only the data and the number of epochs changed.

Prints a row a variant as it ends: parameters, seconds (training and test, without imports), test/loss, status. On MNIST
where it is found, on digits otherwise; `make zoo ARGS="data=synthetic"` says which, and takes any other override.
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from src.configuration.files import CONF


class Row(NamedTuple):
    """What became of one variant."""

    name: str
    parameters: int
    seconds: float
    loss: float
    status: str


def trained(name: str, overrides: list[str], folder: Path) -> Row:
    """Train one variant in this process; a failure is a row too."""
    import torch
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    from src.run_folder import RunFolder
    from src.training import train

    torch.set_num_threads(1)
    GlobalHydra.instance().clear()
    typed = [f"model={name}", "trainer.max_epochs=1", "logger=none", "callbacks.progress=null", *overrides]
    began = time.perf_counter()
    try:
        with initialize_config_dir(str(CONF), version_base=None), open(os.devnull, "w") as nowhere:
            standard, sys.stdout = sys.stdout, nowhere
            try:
                summary: dict[str, Any] = train(compose("train", typed), RunFolder(folder / name), overrides=typed)
            finally:
                sys.stdout = standard
    except Exception as error:
        return Row(name, 0, time.perf_counter() - began, float("nan"), f"failed: {error}".splitlines()[0])
    seconds = time.perf_counter() - began
    return Row(name, summary["model/parameters"], seconds, summary["test/loss"], summary["status"])


def main() -> None:
    """Train all of them, two at a time unless told otherwise, and end with 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many variants at once")
    parser.add_argument("overrides", nargs="*", help="e.g. data=digits")
    options = parser.parse_args()
    overrides = options.overrides
    if not any(typed.startswith("data=") for typed in overrides):
        here = Path(os.environ.get("HOURGLASS_DATA", "data"), "MNIST", "raw").is_dir()
        overrides = ["data=mnist" if here else "data=digits", *overrides]
    names = sorted(file.stem for file in (CONF / "model").glob("*.yaml"))
    print(f"{len(names)} models, one epoch each, {' '.join(overrides)}, {options.workers} at a time\n")
    print(f"{'variant':<16}{'parameters':>12}{'seconds':>9}{'test loss':>11}  status")
    began, failed = time.perf_counter(), 0
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool,
    ):
        jobs = [pool.submit(trained, name, overrides, Path(folder)) for name in names]
        for job in as_completed(jobs):
            row = job.result()
            failed += row.status.startswith("failed")
            print(f"{row.name:<16}{row.parameters:>12,}{row.seconds:>9.1f}{row.loss:>11.4g}  {row.status}", flush=True)
    print(f"\n{len(names)} models in {time.perf_counter() - began:.0f} s, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
