"""`python -m src.train`: train a model, and leave a run folder that shows what it learned."""

import sys
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import filter_overrides
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from src import command_line, resuming
from src.configuration.override_messages import check_one_each
from src.holding import held
from src.run_folder import RunFolder
from src.sweeps import ending
from src.sweeps import resuming as sweep_resuming
from src.sweeps.folder import SweepFolder, own
from src.sweeps.metric import check_metric, metric_of

ONE_EACH = ("model", "network", "loss", "optimizer", "scheduler", "data", "trainer")
"""The groups of which a run has one option."""


def task(cfg: DictConfig) -> float | None:
    """One job: of a single run, of a sweep, or going on with either. Returns the figure that a search asks for."""
    job = HydraConfig.get()
    overrides = own(list(filter_overrides(job.overrides.task)))
    check_one_each(overrides, ONE_EACH)
    folder = RunFolder(Path(job.runtime.output_dir))
    if job.mode != RunMode.MULTIRUN:
        return _train(cfg, folder, overrides, None)
    with held(folder.path), ending.failure_noted(folder):
        return _job_of_a_sweep(cfg, folder, overrides, SweepFolder(job.sweep.dir))


def _job_of_a_sweep(cfg: DictConfig, folder: RunFolder, overrides: list[str], sweep: SweepFolder) -> float | None:
    """A job that has ended already is told and its figure used again; one that was interrupted goes on."""
    if not cfg.resume_sweep:
        return _train(cfg, folder, overrides, sweep)
    job = sweep.job(folder.path.relative_to(sweep.path.absolute()).as_posix())
    left = sweep_resuming.left_of(sweep, job)
    name = f"job {job.name}: {' '.join(overrides)}"
    if left in sweep_resuming.ENDED:
        sweep_resuming.check_same(job, overrides)
        print(f"{name}: {job.status} already")
        return metric_of(job.summary, cfg.optimized_metric) if job.done and cfg.optimized_metric else None
    with open_dict(cfg):
        cfg.resume_sweep, cfg.folder = None, str(folder.path)
        if left == "the rest":
            sweep_resuming.check_same(job, overrides)
            cfg.resume = str(folder.path)
        else:
            sweep_resuming.cleared(folder.path)
            folder.save_config(cfg, overrides)
            OmegaConf.save({"hydra": HydraConfig.get()}, folder.config_file.with_name("hydra.yaml"))
            cfg = OmegaConf.merge(folder.config(), {"folder": cfg.folder, "resume": None})  # type: ignore[assignment]
    return _train(cfg, folder, overrides, sweep)


def _train(cfg: DictConfig, folder: RunFolder, overrides: list[str], sweep: SweepFolder | None) -> float | None:
    from rich import print as show

    from src.display import config_tree, job_line
    from src.distributed import as_one_command, is_first_process
    from src.sweeps.shared import shared_by
    from src.training import train

    metric = cfg.optimized_metric
    check_metric(metric, sweep)
    job = HydraConfig.get()
    if cfg.resume:
        cfg = resuming.resumed_config(folder, cfg, overrides)
        if (finished := resuming.already_finished(folder, cfg)) is not None:
            print(finished)
            return None
    with open_dict(cfg):
        cfg.folder = str(folder.path)
    if is_first_process():
        show(job_line(job.job.num, overrides) if sweep else config_tree(cfg, overrides))
    with as_one_command(overrides, folder.path, resume=bool(cfg.resume)):
        summary = train(
            cfg,
            folder,
            overrides=overrides,
            labels=tuple(filter(None, map(job.runtime.choices.get, ("model", "data")))),
            group=sweep.path.name if sweep else None,
            shared=shared_by(str(sweep.path.absolute())) if sweep else None,
        )
    return metric_of(summary, metric) if metric else None


def main() -> None:
    """The entry: `resume=<folder>` and `resume_sweep=<folder>` are turned into that folder's own command first."""
    with command_line.told():
        sys.argv[1:] = sweep_resuming.redirected(resuming.redirected(sys.argv[1:]))
    with ending.ending_told():
        command_line.run(task, "train", failed_elsewhere=ending.any_failed)


if __name__ == "__main__":
    main()
