"""What a section of the score card found: figures with their intervals, and what could not be measured."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

Better = Literal["lower", "higher"]
RESAMPLES = 1000


@dataclass(frozen=True)
class Measured:
    """One figure; a mean over examples has a bootstrap interval."""

    value: float
    better: Better | None = None
    """Which way is better; None where neither is, as for a number of parameters."""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    """The ends of the 95 % interval; None where the figure is no mean over examples."""
    n: int | None = None
    """How many examples it is a mean over, or was measured on."""
    resampled: Tensor | None = field(default=None, repr=False, compare=False)
    """The figure in each bootstrap resample, (1000,); what two contenders differ by is read from theirs."""

    def through(self, function: Callable[[Tensor], Tensor], better: Better | None = None, unit: str = "") -> "Measured":
        """The figure, its interval and its resamples through a monotonic function, such as that from mse to psnr."""

        def of(value: float | None) -> float | None:
            return None if value is None else float(function(torch.tensor(value, dtype=torch.float64)))

        value, ends = of(self.value), [end for end in map(of, (self.low, self.high)) if end is not None]
        assert value is not None
        resampled = None if self.resampled is None else function(self.resampled)
        return Measured(value, better, unit, min(ends, default=None), max(ends, default=None), self.n, resampled)


def interval(resampled: Tensor) -> tuple[float, float]:
    """The ends of the middle 95 % of a figure in each resample, (R,)."""
    low, high = torch.quantile(resampled.double(), torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return low, high


def mean_of(values: Tensor, better: Better | None = None, unit: str = "", seed: int = 0) -> Measured:
    """The mean of one number for each example, (N,), with its percentile bootstrap interval (Efron 1979).

    N examples are drawn with replacement 1,000 times; the interval holds the middle 95 % of the means. The same seed
    and N draw the same examples, so that two contenders measured on the same examples are resampled alike. One example
    alone says nothing of others, and has no interval.
    """
    values = values.detach().double().cpu()
    if len(values) < 2:
        return Measured(float(values.mean()), better, unit, n=len(values))
    means = bootstrap_means(values, seed)
    return Measured(float(values.mean()), better, unit, *interval(means), len(values), means)


def bootstrap_means(values: Tensor, seed: int = 0, resamples: int = RESAMPLES) -> Tensor:
    """The mean of `values` (N,) in each resample, (resamples,)."""
    n = len(values)
    generator = torch.Generator().manual_seed(seed)
    at_once = max(1, 2**22 // n)  # resamples whose draws are held at a time, about 32 MB
    means = []
    for begin in range(0, resamples, at_once):
        drawn = torch.randint(n, (min(at_once, resamples - begin), n), generator=generator)
        means.append(values[drawn].mean(1))
    return torch.cat(means)


@dataclass
class Findings:
    """What one section found about one contender."""

    scores: dict[str, Measured] = field(default_factory=dict)
    """By name, e.g. "se"; the card puts the section's name in front."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Why a figure is not there, by its name, in one sentence."""
