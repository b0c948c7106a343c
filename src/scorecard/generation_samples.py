"""Samples of a contender by three ways to draw a code."""

import warnings
from dataclasses import dataclass

import torch
from torch import Tensor

from src.errors import UserError
from src.priors import GaussianMixture
from src.scorecard.contenders import AT_ONCE, Contender
from src.scorecard.pool import Pool

PRIOR, NORMAL, MIXTURE = "", "normal_", "mixture_"
"""The ways to draw a code, as they stand before the name of a figure."""


@dataclass(frozen=True)
class Sampling:
    """How samples are drawn; `Generation` says what each number means."""

    n: int
    components: int
    widest: int

    def drawn(self, way: str, who: Contender, pool: Pool) -> Tensor:
        """(n, *shape) samples, of classes in the data's proportions where the contender is told them.

        Raises:
            UserError: the contender makes none this way, or not all of them are finite.
        """
        y = _classes(who, pool, self.n)
        if way == PRIOR:
            if "sample" not in who.can:
                raise UserError(f"{who.name} has no prior to draw codes from.")
            samples = who.sample(self.n, pool.seed, y)
        else:
            z = self._codes(way, who, pool)
            places = torch.arange(self.n).split(AT_ONCE)
            samples = torch.cat([who.decode(z[i], None if y is None else y[i]) for i in places])
        lost = int((~samples.flatten(1).isfinite().all(1)).sum())
        if lost:
            raise UserError(f"{lost:,} of {self.n:,} samples are not finite.")
        return samples

    def _codes(self, way: str, who: Contender, pool: Pool) -> Tensor:
        """(n, D)"""
        if "encode" not in who.can:
            raise UserError(f"{who.name} has no encoder, so there are no codes to fit a distribution to.")
        codes = who.codes(pool.train)
        if not codes.isfinite().all():
            raise UserError(f"Not all codes of {who.name} are finite, so no distribution fits them.")
        if way == NORMAL:
            return normal_codes(codes, self.n, pool.seed)
        if (width := codes.shape[1]) > self.widest:
            raise UserError(
                f"A code of {who.name} has {width:,} numbers, and a mixture is fitted up to {self.widest} (widest): "
                "each of its covariances has the square of that."
            )
        return mixture_codes(codes, self.components, self.n, pool.seed)


def normal_codes(codes: Tensor, n: int, seed: int) -> Tensor:
    """(n, D) from the normal N(m, diag(s^2)) with the mean and the spread of each number of the codes (N, D)."""
    eps = torch.randn(n, codes.shape[1], generator=torch.Generator().manual_seed(seed))
    return codes.mean(0) + codes.std(0, unbiased=False) * eps


def mixture_codes(codes: Tensor, components: int, n: int, seed: int) -> Tensor:
    """(n, D) from a mixture of normals with full covariances fitted to the codes (N, D), see `GaussianMixture`."""
    from sklearn.exceptions import ConvergenceWarning

    mixture = GaussianMixture(codes.shape[1], components)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        # after 100 rounds it fits as well as it needs to; codes that repeat have fewer clusters than asked for
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(codes, seed)
        torch.manual_seed(seed)
        return mixture.sample(n)


def _classes(who: Contender, pool: Pool, n: int) -> Tensor | None:
    """(n,) the classes of training images drawn with replacement; None for a contender that is told none."""
    if "conditional" not in who.can:
        return None
    return pool.train.y[torch.randint(len(pool.train), (n,), generator=torch.Generator().manual_seed(pool.seed))]
