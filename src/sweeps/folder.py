"""A sweep's folder: the command that made it, and the jobs in it."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from src.errors import UserError
from src.run_folder import FINISHED, RunFolder, write_atomically


@dataclass(frozen=True)
class Job:
    """One job of a sweep, as its folder tells it."""

    name: str
    """Its folder's path within the sweep's: its number, unless `hydra.sweep.subdir` says otherwise."""
    folder: Path
    status: str
    """As in summary.json; "not started" where there is none, "damaged" where it cannot be read."""
    overrides: list[str] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    """Why it failed."""

    @property
    def done(self) -> bool:
        return self.status in FINISHED

    def figure(self, key: str) -> float | None:
        """A finite number of the summary; None where it has none by this key."""
        value = self.summary.get(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class SweepFolder:
    """The folder of a multirun: `multirun.yaml` as Hydra writes it, `sweep.json` and a run folder for each job."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.command_file = self.path / "multirun.yaml"
        self.plan_file = self.path / "sweep.json"

    def check(self) -> None:
        """Raise `UserError` where this is no folder of a sweep."""
        if not self.path.is_dir():
            raise UserError(
                f"there is no folder {self.path}; give a sweep's, e.g. outputs/multirun/2026-01-31_12-00-00-000000"
            )
        if not self.command_file.is_file():
            run = (self.path / ".hydra").is_dir()
            advice = f": it is a single run's; go on with that by resume={self.path}" if run else ""
            raise UserError(f"{self.path} is no sweep's folder, for it lacks multirun.yaml{advice}")

    def check_new(self) -> None:
        """Raise `UserError` where jobs that are counted from 0 would come upon those of another sweep."""
        if self.plan_file.is_file() and RunFolder(self.path / "0").last.is_file():
            raise UserError(
                f"{self.path} already holds a sweep. Go on with it by resume_sweep={self.path}, or name another "
                "hydra.sweep.dir"
            )

    def command(self) -> dict[str, Any]:
        """Hydra's own part of the config as it stands in multirun.yaml, nothing resolved.

        Raises:
            UserError: it is damaged.
        """
        try:
            loaded = OmegaConf.to_container(OmegaConf.load(self.command_file), resolve=False)
        except Exception as error:  # a YAML parser's errors share no better base
            raise UserError(f"{self.command_file} is damaged: {error}") from error
        hydra = loaded.get("hydra") if isinstance(loaded, dict) else None
        overrides = hydra.get("overrides") if isinstance(hydra, dict) else None
        for part in ("task", "hydra"):
            typed = overrides.get(part) if isinstance(overrides, dict) else None
            if not isinstance(typed, list) or not all(isinstance(override, str) for override in typed):
                raise UserError(f"{self.command_file} is damaged: it has no list hydra.overrides.{part}")
        assert isinstance(hydra, dict)
        return hydra

    def sweeper(self) -> dict[str, Any]:
        """The settings of whatever chose the jobs; those of a search have a `direction`."""
        sweeper = self.command().get("sweeper")
        return sweeper if isinstance(sweeper, dict) else {}

    def search(self) -> bool:
        """Whether an optimiser chose the jobs' values one after another."""
        return self.sweeper().get("direction") is not None

    def minimised(self) -> bool:
        """Whether a smaller `optimized_metric` is better."""
        return self.sweeper().get("direction") != "maximize"

    def planned(self) -> int | None:
        """How many jobs the sweep has in all; None where that was not to be told."""
        try:
            jobs = json.loads(self.plan_file.read_text())["jobs"]
        except (OSError, ValueError, KeyError, TypeError):
            return None  # an optional note: without it a sweep runs all the same
        return jobs if isinstance(jobs, int) else None

    def plan(self, jobs: int | None) -> None:
        """Write down how many jobs there are."""
        write_atomically(self.plan_file, json.dumps({"jobs": jobs}) + "\n")

    def jobs(self) -> list[Job]:
        """The jobs that have been started, by number."""
        names = [folder.relative_to(self.path).as_posix() for folder in _run_folders(self.path)]
        return [self.job(name) for name in sorted(names, key=_by_number)]

    def job(self, name: str) -> Job:
        """One job; what cannot be read makes it a damaged one."""
        folder = RunFolder(self.path / name)
        try:
            overrides = folder.overrides() if folder.overrides_file.is_file() else []
            summary = folder.summary()
        except UserError as error:
            return Job(name, folder.path, "damaged", error=str(error))
        status = str(summary.get("status", "not started"))
        return Job(name, folder.path, status, own(overrides), summary, str(summary.get("error", "")))


def _by_number(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdecimal() else (sys.maxsize, name)


def own(overrides: list[str]) -> list[str]:
    """The overrides that describe the runs themselves, without those that say what to go on with."""
    return [override for override in overrides if not override.startswith(("resume=", "resume_sweep="))]


def swept(jobs: list[Job]) -> dict[str, list[str]]:
    """By the job's name, the overrides that are not the same in all jobs; all of them where there is one job."""
    common = set.intersection(*(set(job.overrides) for job in jobs)) if len(jobs) > 1 else set()
    return {job.name: [override for override in job.overrides if override not in common] for job in jobs}


def _run_folders(path: Path) -> Iterator[Path]:
    """The run folders below; it does not look inside of them, for W&B keeps thousands of files there."""
    with os.scandir(path) as entries:
        folders = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    for folder in folders:
        if (folder / ".hydra").is_dir() or (folder / "summary.json").is_file():
            yield folder
        elif not folder.name.startswith("."):
            yield from _run_folders(folder)
