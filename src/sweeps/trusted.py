"""Which settings of a folder's own command are taken from there: a folder from a stranger must not run code."""

import re
from pathlib import Path

from src.configuration.files import CONF
from src.errors import UserError

OURS = ("hydra.sweep.dir", "hydra.run.dir", "hydra.mode", "hydra.output_subdir")
"""Set anew by whoever goes on with a sweep."""
DIALS = {
    "hydra.launcher": (
        "n_jobs", "timeout_min", "cpus_per_task", "gpus_per_node", "gpus_per_task", "cpus_per_gpu", "tasks_per_node",
        "mem_gb", "mem_per_gpu", "mem_per_cpu", "nodes", "name", "partition", "qos", "constraint", "gres", "account",
        "exclude", "array_parallelism", "signal_delay_s", "max_num_timeout", "pre_dispatch", "batch_size", "verbose",
    ),
    "hydra.sweeper": (
        "n_trials", "n_jobs", "direction", "max_failure_rate", "max_batch_size", "sampler.seed",
        "sampler.n_startup_trials", "sampler.n_ei_candidates", "sampler.multivariate",
    ),
}  # fmt: skip
"""Settings that are a number or a word and stay one. What runs commands (`setup`) or names a class is not here."""
BROUGHT = {
    "hydra/launcher": ("basic",),
    "hydra/sweeper": ("basic", "optuna"),
    "hydra/sweeper/sampler": ("tpe", "random", "cmaes", "nsgaii", "motpe", "grid"),
}
"""What Hydra and its plugins bring beside what stands in conf/."""
_PARAMS = "hydra.sweeper.params."
_WORD = re.compile(r"[\w.,:+\-*]*")


def trusted_task(override: str, file: Path) -> str:
    """An override of the runs themselves. What it may build is checked once it is composed, by `RunFolder.config`.

    Raises:
        UserError: it is about Hydra itself, or reads the environment.
    """
    key = override.split("=", 1)[0]
    if override.startswith("-") or override.lstrip("+~").startswith("hydra") or "@hydra" in key:
        raise UserError(f"{file}: '{override}' is about Hydra itself, which no run writes there")
    if "${" in override and ":" in override:
        raise UserError(f"{file}: '{override}' calls a resolver, which is not done for a folder; start a new sweep")
    return override


def trusted_setting(override: str, file: Path, typed_anew: set[str]) -> str | None:
    """A setting of Hydra's, e.g. `hydra/launcher=joblib`; None where it is set anew by whoever goes on.

    Args:
        typed_anew: the keys that stand in the new command.

    Raises:
        UserError: it is none of those that are taken from a folder.
    """
    key, _, value = override.lstrip("+").partition("=")
    if key in OURS or key in typed_anew:
        return None
    if key.startswith(_PARAMS):
        trusted_task(f"{key.removeprefix(_PARAMS)}={value}", file)
    elif not (_is_choice(key, value) or _is_dial(key, value) or _is_subfolder(key, value)):
        raise UserError(
            f"{file}: '{override}' is not taken from a folder; if you want it, type it behind resume_sweep=..."
        )
    return override


def _is_choice(group: str, option: str) -> bool:
    """Whether it chooses an option that stands in this checkout's conf/, or that a plugin is known to bring."""
    if group not in BROUGHT or not re.fullmatch(r"\w+", option):
        return False
    return option in BROUGHT[group] or (CONF / group / f"{option}.yaml").is_file()


def _is_dial(key: str, value: str) -> bool:
    return bool(_WORD.fullmatch(value)) and any(key == f"{part}.{d}" for part, dials in DIALS.items() for d in dials)


def _is_subfolder(key: str, value: str) -> bool:
    inside = not Path(value.strip("'\"")).is_absolute() and ".." not in value and ":" not in value
    return key == "hydra.sweep.subdir" and inside
