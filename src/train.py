"""`python -m src.train`: train a model, and leave a run folder that shows what it learned."""

import sys
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import filter_overrides
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict

from src import command_line, resuming


def task(cfg: DictConfig) -> None:
    """One job: of a single run, of a sweep, or going on with a run folder."""
    from rich import print as show

    from src.display import config_tree, job_line
    from src.distributed import as_one_command, is_first_process
    from src.run_folder import RunFolder
    from src.training import train

    job = HydraConfig.get()
    overrides = list(filter_overrides(job.overrides.task))
    folder = RunFolder(Path(job.runtime.output_dir))
    sweep = Path(job.sweep.dir).name if job.mode == RunMode.MULTIRUN else None
    if cfg.resume:
        overrides = resuming.without_resume(overrides)
        cfg = resuming.resumed_config(folder, cfg, overrides)
        if (finished := resuming.already_finished(folder, cfg)) is not None:
            print(finished)
            return
    with open_dict(cfg):
        cfg.folder = str(folder.path)
    if is_first_process():
        show(job_line(job.job.num, overrides) if sweep else config_tree(cfg, overrides))
    with as_one_command(overrides, folder.path, resume=bool(cfg.resume)):
        labels = (job.runtime.choices["model"], job.runtime.choices["data"])
        train(cfg, folder, overrides=overrides, labels=labels, group=sweep)


def main() -> None:
    """The entry: a `resume=<folder>` is turned into that folder's own command first."""
    with command_line.told():
        sys.argv[1:] = resuming.redirected(sys.argv[1:])
    command_line.run(task, "train")


if __name__ == "__main__":
    main()
