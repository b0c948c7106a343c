"""What a comparison knows: runs, the variants that they are repetitions of, and the figures to compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Better = Literal["lower", "higher"]
Rank = Literal["best", "tied", ""]


@dataclass(frozen=True)
class Run:
    """One finished run folder, as plain values."""

    folder: Path
    seed: int
    config: Mapping[str, Any]
    """The resolved config, nested."""
    overrides: Sequence[str]
    """What was typed."""
    figures: Mapping[str, float]
    """Every number of summary.json by its own key ("test/se", "baseline/pca_se", "train/seconds"), and of
    scorecard.json as "scorecard/<section>/<figure>" and, for PCA, "scorecard/<section>/<figure>/pca"."""
    sources: Mapping[str, str]
    """Where each of them stands: the file in the run folder, and the key in it, e.g. "summary.json: test/se"."""
    curves: Mapping[str, Sequence[float | None]]
    """The columns of metrics.csv, "epoch" among them; None where an epoch has no such figure."""
    pictures: Mapping[str, Path]
    """The PNG files of figures/, by name without ending."""
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The 95 % bootstrap intervals that scorecard.json gives, by the key in `figures`."""
    described: Mapping[str, "Metric"] = field(default_factory=dict)
    """What scorecard.json itself says of its figures: label, unit, which way is better."""
    card: Mapping[str, Any] = field(default_factory=dict)
    """How scorecard.json says that it was measured: suite, max_samples, checkpoint, dials typed."""


@dataclass(frozen=True)
class Variant:
    """Runs that differ in nothing but the seed."""

    name: str
    """What tells it from the other variants, e.g. "vae" or "vae, beta=4"; unique within a comparison."""
    runs: Sequence[Run]
    settings: Mapping[str, Any]
    """The dotted config keys that are not equal in all variants, with this variant's values."""
    model: str = ""
    """The model's name alone: what was typed for `model=`, or else the class."""


@dataclass(frozen=True)
class Metric:
    """A figure that variants are compared by."""

    key: str
    """As in `Run.figures`."""
    label: str
    """As in the head of a table, with its unit."""
    better: Better | None
    """Which way is better; None for one that ranks nothing, as a number of parameters."""
    baseline: str | None = None
    """The key of PCA's figure, where there is one."""


@dataclass(frozen=True)
class Cell:
    """One metric of one variant over its seeds."""

    mean: float
    std: float | None
    """Sample standard deviation over seeds; None for a single run."""
    values: Sequence[float]
    """One for each run that has the figure, in the order of the variant's runs."""
    rank: Rank = ""
    """"best"; "tied" where no test finds it worse than the best, or it has too few seeds to be tested. In a column in
    which fewer than two variants have seeds to be tested by there is only a best."""


@dataclass(frozen=True)
class Comparison:
    """All that tables, pictures and the page are made from."""

    variants: Sequence[Variant]
    """In the order of the table: best first by `sorted_by`."""
    metrics: Sequence[Metric]
    """The columns."""
    sorted_by: Metric
    cells: Mapping[tuple[str, str], Cell]
    """By (variant name, metric key); a variant without the figure has no cell."""
    baseline: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)
    """PCA's figures: by metric key, a list of (name such as "PCA-16", value), one for each code size."""
    left_out: Sequence[tuple[Path, str]] = ()
    """Folders that are not compared, each with the reason in one sentence."""
    notes: Sequence[str] = ()
    """What a reader should know, a sentence each."""
    data: str = ""
    """What all runs were measured on, e.g. "mnist: 10,000 test examples of 1 x 28 x 28"."""
