"""Going on with a sweep: `python -m src.train resume_sweep=<folder>`.

As with `resume=`, the command line is rewritten before Hydra sees it: the folder's own command, and the folder itself
as Hydra's. The sweeper then goes through all jobs again, and each job sees from its folder what is left to do.
"""

import shutil
import sys
from pathlib import Path
from typing import Literal

from src.distributed import NO_NEW_FOLDER
from src.errors import UserError
from src.run_folder import RunFolder
from src.sweeps.folder import Job, SweepFolder, own
from src.sweeps.trusted import trusted_setting, trusted_task

ALLOWED = ("hydra/launcher=", "hydra.launcher.", "+hydra.launcher.", "hydra.sweeper.n_trials=")
"""What may be typed behind `resume_sweep=`: where the jobs run, and how long a search goes on."""
Left = Literal["nothing", "the rest", "all", "failed for good"]
"""What is left to do of a job."""
ENDED: tuple[Left, ...] = ("nothing", "failed for good")


def redirected(argv: list[str]) -> list[str]:
    """The command line that goes on with the sweep of `resume_sweep=<folder>`; any other as it is.

    Ends the program where nothing is left.

    Raises:
        UserError: the folder is none, or something was typed that would make it another sweep.
    """
    asked = [argument for argument in argv if argument.startswith("resume_sweep=")]
    if not asked or asked[-1] in ("resume_sweep=", "resume_sweep=null") or NO_NEW_FOLDER in argv:
        return argv
    sweep = SweepFolder(asked[-1].removeprefix("resume_sweep=").strip("'\""))
    sweep.check()
    rest = [a for a in argv if not a.startswith("resume_sweep=") and a not in ("-m", "--multirun")]
    for typed in rest:
        if not typed.startswith(("-", *ALLOWED)) and ("=" in typed or typed.startswith("~")):
            raise UserError(
                f"{sweep.path} cannot go on with '{typed}': that would be another sweep. Start a new one without "
                "resume_sweep=, or leave that out (only hydra/launcher and hydra.sweeper.n_trials may be changed)."
            )
    made_by, keys = sweep.command()["overrides"], {typed.lstrip("+").split("=", 1)[0] for typed in rest}
    _check_seed(sweep)
    task = [trusted_task(typed, sweep.command_file) for typed in own(made_by["task"])]
    settings = [trusted_setting(typed, sweep.command_file, keys) for typed in made_by["hydra"]]
    _end_if_done(sweep, rest)
    quoted = "'" + str(sweep.path.resolve()).replace("\\", "\\\\").replace("'", "\\'") + "'"
    here = [f"resume_sweep={quoted}", f"hydra.sweep.dir={quoted}", NO_NEW_FOLDER]
    return ["-m", *task, *filter(None, settings), *here, *rest]


def _check_seed(sweep: SweepFolder) -> None:
    sampler = sweep.sweeper().get("sampler")
    if isinstance(sampler, dict) and "seed" in sampler and sampler["seed"] is None:
        raise UserError(
            f"{sweep.path} is a search whose sampler had no seed (hydra.sweeper.sampler.seed), so it cannot be "
            "repeated up to where it stopped. Start a new one with hydra.sweeper.sampler.seed=0."
        )


def _end_if_done(sweep: SweepFolder, rest: list[str]) -> None:
    trials = [typed.split("=", 1)[1] for typed in rest if typed.startswith("hydra.sweeper.n_trials=")]
    planned = int(trials[-1]) if trials and trials[-1].isdigit() else sweep.planned()
    jobs = sweep.jobs()
    if planned is not None and sum(left_of(sweep, job) in ENDED for job in jobs) >= planned:
        print(f"{sweep.path}: all {planned} jobs have ended, nothing is left to run; see sweep.csv there")
        sys.exit(0)


def left_of(sweep: SweepFolder, job: Job) -> Left:
    """What is left to do of a job, as its folder tells it.

    In a search, a trial that failed stays failed where later ones were chosen in the knowledge of that.
    """
    if job.done:
        return "nothing"
    if job.status in ("interrupted", "running") and RunFolder(job.folder).last.is_file():
        return "the rest"
    if job.status == "failed" and job.name.isdigit() and sweep.search():
        later = SweepFolder(sweep.path).job(str(int(job.name) + 1))
        if later.folder.is_dir():
            return "failed for good"
    return "all"


def check_same(job: Job, overrides: list[str]) -> None:
    """Raise `UserError` where the folder holds another job than the one that is to go on in it."""
    if job.overrides and job.overrides != overrides:
        raise UserError(
            f"{job.folder} holds the job '{' '.join(job.overrides)}', but now it would be '{' '.join(overrides)}': the "
            "files of conf/ or the sampler have changed since. Start a new sweep without resume_sweep=."
        )


def cleared(folder: Path) -> None:
    """Remove what a job that is run anew would trip over."""
    for name in ("checkpoints", "figures"):
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
    for name in ("metrics.csv", "summary.json"):
        (folder / name).unlink(missing_ok=True)
