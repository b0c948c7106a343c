"""`python -m src.evaluate run=<folder>`: what a finished run is worth, figure by figure, beside PCA."""

import sys

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from src import command_line
from src.errors import UserError


def task(cfg: DictConfig) -> None:
    """Measure one run."""
    if OmegaConf.is_missing(cfg, "run") or cfg.run == "":
        raise UserError("which run? Name its folder: python -m src.evaluate run=outputs/2026-01-31/12-00-00-000000")
    from src.build import built
    from src.validation import validate

    validate(cfg, "evaluate", devices=False)
    built(cfg)(list(HydraConfig.get().overrides.task))


def main() -> None:
    """The entry: one run at a time."""
    with command_line.told():
        if {"-m", "--multirun"} & set(sys.argv[1:]):
            raise UserError(
                "evaluate measures one run at a time, without -m. For several: "
                'for run in outputs/multirun/<date_time>/*/; do python -m src.evaluate run="$run"; done'
            )
    command_line.run(task, "evaluate")


if __name__ == "__main__":
    main()
