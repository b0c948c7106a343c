"""The figures that variants are compared by: what each is called, which way is better, and where PCA's stands."""

from collections.abc import Sequence
from difflib import get_close_matches

from src.comparison.records import Better, Metric, Run, Variant
from src.comparison.settings import differing, telling
from src.errors import UserError

_KNOWN: dict[str, tuple[str, Better | None, str | None]] = {
    "test/se": ("se", "lower", "baseline/pca_se"),
    "test/mse": ("mse", "lower", "baseline/pca_mse"),
    "test/psnr": ("psnr (dB)", "higher", "baseline/pca_psnr"),
    "test/ssim": ("ssim", "higher", "baseline/pca_ssim"),
    "test/loss": ("loss", "lower", None),
    "test/log_likelihood": ("log p(x) (nats)", "higher", None),
    "test/bits_per_dim": ("bits per dimension", "lower", None),
    "test/denoised_se": ("se, repaired", "lower", None),
    "test/denoised_mse": ("mse, repaired", "lower", None),
    "test/denoised_psnr": ("psnr, repaired (dB)", "higher", None),
    "test/denoised_ssim": ("ssim, repaired", "higher", None),
    "test/pca_angle": ("angle to PCA (degrees)", "lower", None),
    "train/seconds": ("seconds", "lower", None),
    "train/images_per_second": ("images per second", "higher", None),
    "model/parameters": ("parameters", None, None),
    "model/code_size": ("code size", None, None),
}
BY_DEFAULT = (
    "test/se",
    "test/psnr",
    "test/ssim",
    "test/log_likelihood",
    "scorecard/code/linear_probe",
    "scorecard/generation/frechet",
    "scorecard/generation/mixture_frechet",
    "train/seconds",
    "model/parameters",
)
"""The columns that a table has where nothing else is asked for, if half of the variants have them."""
SAME_OBJECTIVE = ("loss.", "regularizer.", "model.", "corruption.", "data.binarize")
"""Settings that say what the loss is; `model.latent_dim` alone may differ."""


def metric(key: str, runs: Sequence[Run]) -> Metric:
    """What is known of a figure; of one that is not known, which way is better is not either."""
    for run in runs:
        if key in run.described:
            return run.described[key]
    label, better, baseline = _KNOWN.get(key, (key, None, None))
    return Metric(key, label, better, baseline)


def chosen(key: str, runs: Sequence[Run], asked_by: str) -> Metric:
    """The figure of that key. `asked_by` is the option it was typed for.

    The end of a key does where only one figure ends so: `reconstruction/se` or `linear_probe` of a score card's
    `scorecard/code/linear_probe`; of several it is the one of the test set, so `se` is `test/se`.

    Raises:
        UserError: no run has it, or several figures end so.
    """
    known = sorted({name for run in runs for name in run.figures if not name.endswith("/pca")})
    for full in (key, f"test/{key}", f"scorecard/{key}"):
        if full in known:
            return metric(full, runs)
    short = {name.removeprefix("scorecard/"): name for name in known}
    ends = [name for name, full in short.items() if full.endswith(f"/{key}")]
    if len(ends) == 1:
        return metric(short[ends[0]], runs)
    if ends:
        raise UserError(f"{asked_by}={key}: several figures end so; take one of {', '.join(ends)}")
    near = get_close_matches(key, [*short, *(name.rpartition("/")[2] for name in short)], n=1)
    advice = f"did you mean '{near[0]}'?" if near else f"they have: {', '.join(short)}"
    raise UserError(f"{asked_by}={key}: no run has this figure; {advice}")


def by_default(variants: Sequence[Variant], first: Metric) -> list[Metric]:
    """The columns of a table: the one that sorts it, then those of `BY_DEFAULT` that half of the variants have."""
    runs = [run for variant in variants for run in variant.runs]
    keys = [key for key in BY_DEFAULT if 2 * sum(_has(v, key) for v in variants) >= len(variants)]
    if "test/log_likelihood" not in keys and _same_objective(runs):
        keys.insert(min(3, len(keys)), "test/loss")
    return [first, *(metric(key, runs) for key in keys if key != first.key and any(key in r.figures for r in runs))]


def _has(variant: Variant, key: str) -> bool:
    return any(key in run.figures for run in variant.runs)


def _same_objective(runs: Sequence[Run]) -> bool:
    """Whether the loss is the same quantity in all runs."""
    keys = differing([telling(run) for run in runs])
    return not any(key.startswith(SAME_OBJECTIVE) and key != "model.latent_dim" for key in keys)
