"""`optimized_metric`: the figure of summary.json that a search reads off each run."""

import math
from collections.abc import Mapping
from typing import Any

from src.configuration.wording import did_you_mean, shown
from src.errors import UserError
from src.sweeps.folder import SweepFolder

USUAL = (
    "test/loss", "test/reconstruction", "test/se", "test/mse", "test/psnr", "test/ssim", "test/log_likelihood",
    "train/seconds", "train/images_per_second", "model/parameters",
)  # fmt: skip
"""Named before there is a summary to look at; a model's own terms are in its summary too."""
PARTS = ("test", "baseline", "train", "model", "pictures")


def check_metric(key: Any, sweep: SweepFolder | None) -> None:
    """Raise `UserError` where no summary will have this figure, as far as that can be told before training.

    Args:
        key: the value of `optimized_metric`, None where nothing is optimised.
        sweep: whose finished jobs are asked which figures there are.
    """
    if key is None:
        return
    if not isinstance(key, str) or key.split("/")[0] not in PARTS or "/" not in key:
        near = did_you_mean(str(key), USUAL) or f": give a key of summary.json, e.g. {USUAL[2]}"
        raise UserError(f"optimized_metric={shown(key)} is no figure of summary.json{near}")
    for job in sweep.jobs() if sweep else ():
        if job.done and isinstance(job.summary.get(key, ""), str):
            metric_of(job.summary, key)


def metric_of(summary: Mapping[str, Any], key: str) -> float:
    """The figure.

    Raises:
        UserError: the summary has none by this key, or it is not finite.
    """
    if key not in summary:
        raise _unknown(key, summary)
    value = summary[key]
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise UserError(f"optimized_metric={key} is no number but '{value}'; {_numbers(summary)}")
    if value is None or not math.isfinite(value):
        raise UserError(f"{key} of this run is not finite, so it counts as failed; a smaller optimizer.lr may help")
    return float(value)


def _unknown(key: str, summary: Mapping[str, Any]) -> UserError:
    figures = [name for name, value in summary.items() if isinstance(value, int | float)]
    near = did_you_mean(key, figures)
    return UserError(f"optimized_metric={key} is no figure of summary.json" + (near or f"; {_numbers(summary)}"))


def _numbers(summary: Mapping[str, Any]) -> str:
    names = [name for name, value in summary.items() if name.startswith("test/") and isinstance(value, int | float)]
    return f"there are {', '.join(names)} and others"
