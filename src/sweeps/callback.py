"""Hydra's call when a sweep begins."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from src.errors import UserError
from src.holding import check_free
from src.run_folder import RunFolder
from src.sweeps.composing import Once
from src.sweeps.ending import begins
from src.sweeps.folder import SweepFolder
from src.sweeps.metric import check_metric

NO_METRIC = (
    "a search needs to know what to look at in each run: add optimized_metric=test/se, or another key of summary.json"
)


class Beginning(Callback):
    """Writes down what a sweep is going to run, whatever its sweeper is, before the first job starts.

    And sees to it that a new run gets a folder of its own, before Hydra writes to it.
    """

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Refuses a folder that holds a run or is written to; what goes on in a folder has no `output_subdir`."""
        if config.hydra.output_subdir is None:
            return
        try:
            folder = RunFolder(Path(config.hydra.run.dir))
        except OmegaConfBaseException:
            return  # Hydra is about to say what is wrong with it
        with _told():
            check_free(folder.path)
            folder.check_new()

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """multirun.yaml (which Hydra's own sweeper alone writes) and how many jobs there are."""
        sweep = SweepFolder(Path(config.hydra.sweep.dir).absolute())
        metric, search = config.get("optimized_metric"), "direction" in config.hydra.sweeper
        with _told():
            if search and metric is None:
                raise UserError(NO_METRIC)
            check_metric(metric, None)
            if config.hydra.output_subdir is not None:  # that of a sweep that goes on is null
                sweep.check_new()
            begins(sweep, metric)
        if search:
            _quieten_optuna()
        OmegaConf.save(config, sweep.command_file)
        sweep.plan(_planned(config))
        hydra = GlobalHydra.instance().hydra
        if hydra and str(config.hydra.launcher.get("_target_")).endswith(".BasicLauncher"):  # others run elsewhere
            loader: Any = hydra.config_loader
            loader.load_sweep_config = Once(loader.load_sweep_config)


@contextmanager
def _told() -> Iterator[None]:
    """Hydra makes a mere warning of an exception in a callback."""
    try:
        yield
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def _quieten_optuna() -> None:
    """Each trial's end is told by the run itself, and why one failed as well."""
    from optuna.logging import WARNING, disable_default_handler, set_verbosity

    set_verbosity(WARNING)
    disable_default_handler()
    logging.getLogger("hydra_plugins.hydra_optuna_sweeper").setLevel(logging.ERROR)


def _planned(config: DictConfig) -> int | None:
    """How many jobs the sweep has; None for a sweeper that does not say."""
    sweeper = config.hydra.sweeper
    if "n_trials" in sweeper:
        return int(sweeper.n_trials)
    hydra = GlobalHydra.instance().hydra
    params = [f"{key}={value}" for key, value in (sweeper.get("params") or {}).items()]
    try:
        parser = OverridesParser.create(config_loader=hydra.config_loader if hydra else None)
        jobs = 1
        for override in parser.parse_overrides([*params, *config.hydra.overrides.task]):
            jobs *= len(list(override.sweep_string_iterator())) if override.is_discrete_sweep() else 1
    except HydraException:
        return None  # the sweeper is about to say what is wrong
    return jobs
