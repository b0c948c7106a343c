"""`python -m src.compare`: run folders beside each other, as tables, pictures and a page."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from src import command_line
from src.errors import UserError
from src.ranges import NonNegativeInt

EXAMPLES = "give run folders, e.g. runs=outputs/multirun/<date_time>, or 'runs=outputs/2026-*/*', or 'runs=[a,b]'"


def compare(
    runs: str | list[str] | None,
    out: str | None,
    sort_by: str,
    metrics: list[str] | None,
    images: NonNegativeInt,
    points: NonNegativeInt,
    wandb: Mapping[str, bool | str | None],
) -> Path:
    """Read the runs, compare them, and write what came out; the folder that it lies in.

    Raises:
        UserError: there is nothing to compare, or it does not compare.
    """
    from dataclasses import replace

    from src.comparison import compared, pictures, written
    from src.finding_runs import folders
    from src.reading_runs import Read
    from src.reopening_runs import same_examples

    if not runs:
        raise UserError(f"runs is missing: {EXAMPLES}")
    paths = folders(runs)
    folder = Path(out) if out else chosen_folder(paths)
    outside(paths, folder)
    read = Read(paths)
    comparison = compared.compare(read.runs, read.left_out, sort_by, metrics)
    with writing_to(folder):  # found out before checkpoints are opened, which takes a while
        open_to_writing(folder)
    examples, unseen = same_examples(comparison.variants, images, points) if images or points else (None, [])
    comparison = replace(comparison, notes=[*comparison.notes, *read.notes, *unseen])
    with writing_to(folder):
        files = written.write(comparison, folder, pictures.draw(comparison, examples, folder / "figures"))
    console = written.console()
    written.tell(console, comparison, files)
    if wandb["report"]:
        from src.comparison.report import write_report

        project, entity = (str(wandb[key]) if wandb[key] is not None else None for key in ("project", "entity"))
        console.print(write_report(comparison, folder, project, entity), markup=False, soft_wrap=True)
    return folder


def chosen_folder(paths: Sequence[Path]) -> Path:
    """`<sweep>/comparison` for runs of one sweep, else a new folder of outputs/comparisons."""
    parents = {path.resolve().parent for path in paths}
    if len(parents) == 1 and (next(iter(parents)) / "multirun.yaml").is_file():
        return Path(os.path.relpath(paths[0].parent)) / "comparison"
    return Path("outputs/comparisons") / datetime.now().strftime("%Y-%m-%d_%H-%M-%S-%f")


def outside(runs: Sequence[Path], folder: Path) -> None:
    """Raise `UserError` where the folder is a run's, or lies in one: its figures/ has pictures of the same names."""
    for run in runs:
        if folder.resolve().is_relative_to(run.resolve()):
            raise UserError(f"out={folder} is the run folder {run} or lies in it, and a comparison changes no run")


def open_to_writing(folder: Path) -> None:
    """Make the folder, and raise `OSError` where no file can be written to it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Raise `UserError` where something cannot be written: the folder is closed, or the disk is full."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"the comparison cannot be written to {folder}: {error.strerror or error}. Name another folder: out=..."
        ) from error


def task(cfg: DictConfig) -> None:
    """What the command line asks for, checked first."""
    from src.validation import validate

    validate(cfg, "compare", takes=compare)
    if not isinstance(cfg.wandb.report, bool):
        raise UserError(f"wandb.report={cfg.wandb.report}: expected true or false")
    compare(**OmegaConf.to_container(cfg, resolve=True))  # type: ignore[arg-type]


def main() -> None:
    """The entry."""
    with command_line.told():
        if {"-m", "--multirun"} & set(sys.argv):
            raise UserError("src.compare makes one comparison of all runs it is given; leave out -m")
    command_line.run(task, "compare")


if __name__ == "__main__":
    main()
