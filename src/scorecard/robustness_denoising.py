"""What a contender makes of corrupted images, beside the best linear denoiser."""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from src.corruptions import Corruption
from src.errors import UserError
from src.metrics.linear_denoiser import LinearDenoiser
from src.noise import IndexedNoise
from src.scorecard.contenders import AT_ONCE, Contender
from src.scorecard.findings import Better, Findings, Measured, bootstrap_means, interval, mean_of
from src.scorecard.pool import Images, Pool

CorruptionFactory = Callable[..., Corruption]
"""A corruption's class with its dials; what it asks of the data (`range`, `shape`) is still to be told."""


class Rivals(NamedTuple):
    """The squared error of each test image, summed over pixels, (N,), of what needs no model."""

    seen: Tensor
    """Of the corrupted image itself."""
    linear: Tensor | None
    """Of the best linear denoiser; None where examples are too large for one."""


class Denoising:
    """Corrupts the test images in each way, has them reconstructed and compares.

    The linear denoisers are fitted once for all contenders, to the pool's training images, whose noise is seeded by
    seed + 1: else training and test images of one place would meet the same noise.

    Args:
        factories: the corruptions by name.
        linear_up_to: numbers of an example up to which a linear denoiser is fitted.
    """

    def __init__(self, factories: Mapping[str, CorruptionFactory], linear_up_to: int) -> None:
        self.factories, self.linear_up_to = factories, linear_up_to
        self._kept: dict[tuple[Pool, str], Rivals] = {}

    @property
    def names(self) -> list[str]:
        return list(self.factories)

    def measure(self, who: Contender, pool: Pool) -> Findings:
        """Its figures of each corruption; why not, of those that do not fit the data or the contender."""
        found = Findings()
        if "reconstruct" not in who.can:
            return Findings(skipped=dict.fromkeys(self.names, f"{who.name} does not reconstruct whole images."))
        pixels = math.prod(pool.shape)
        if pixels > self.linear_up_to:
            found.skipped["gain_over_linear"] = (
                f"Examples have {pixels} numbers, and a linear denoiser is fitted up to {self.linear_up_to} "
                "(linear_up_to): its time grows with the cube."
            )
        else:
            found.scores["linear_images"] = Measured(len(pool.train), n=len(pool.train))
        for name, factory in self.factories.items():
            try:
                corruption = built(factory, pool)
            except UserError as error:
                found.skipped[name] = str(error)
                continue
            self._add(found, name, corruption, who, pool)
        return found

    def _add(self, found: Findings, name: str, corruption: Corruption, who: Contender, pool: Pool) -> None:
        seen = corrupted(corruption, pool.test, pool.seed)
        rivals = self._rivals(name, corruption, seen, pool)
        parts = zip(seen.split(AT_ONCE), pool.test.y.split(AT_ONCE), strict=True)
        error = _errors(torch.cat([who.reconstruct(x, y) for x, y in parts]), pool.test.x)
        if not rivals.seen.any():
            found.skipped[name] = f"corruption={corruption.config_name} leaves these examples as they are."
        elif not error.isfinite().all() or not error.any():
            found.skipped[name] = f"The error of {who.name} on such images is {float(error.mean())}: no figure in dB."
        else:
            figures = _figures(error, rivals, pool)
            found.scores |= {f"{name}/{figure}": value for figure, value in figures.items()}

    def _rivals(self, name: str, corruption: Corruption, seen: Tensor, pool: Pool) -> Rivals:
        if (pool, name) not in self._kept:
            x, linear = pool.test.x, None
            if math.prod(pool.shape) <= self.linear_up_to:
                denoiser = LinearDenoiser(corrupted(corruption, pool.train, pool.seed + 1), pool.train.x)
                linear = _errors(denoiser(seen), x)
            self._kept[pool, name] = Rivals(_errors(seen, x), linear)
        return self._kept[pool, name]


def built(factory: CorruptionFactory, pool: Pool) -> Corruption:
    """The corruption, told the range and the shape of the data where it asks for them and they are not set.

    Raises:
        UserError: it does not work on such data.
    """
    asked = set(inspect.signature(factory).parameters) - set(getattr(factory, "keywords", {}))
    known = {"range": list(pool.range), "shape": list(pool.shape)}
    corruption = factory(**{name: value for name, value in known.items() if name in asked})
    corruption.check(pool.shape)
    return corruption


@torch.no_grad()
def corrupted(corruption: Corruption, images: Images, seed: int) -> Tensor:
    """(N, *shape): what is seen of each image, the same in each call."""
    return torch.cat([corruption(b.x, IndexedNoise(seed, b.index))[0] for b in images.batches(AT_ONCE)])


def _figures(error: Tensor, rivals: Rivals, pool: Pool) -> dict[str, Measured]:
    width = pool.range[1] - pool.range[0]
    if math.isfinite(width):
        peak = torch.full_like(error, width**2 * math.prod(pool.shape))
        figures = {"psnr": decibels(peak, error, pool.seed, "higher")}
        if rivals.linear is not None:
            figures["linear_psnr"] = decibels(peak, rivals.linear, pool.seed)
    else:
        figures = {"se": mean_of(error, "lower", seed=pool.seed)}
    figures["gain"] = decibels(rivals.seen, error, pool.seed, "higher")
    if rivals.linear is not None:
        figures["gain_over_linear"] = decibels(rivals.linear, error, pool.seed, "higher")
    return figures


def decibels(above: Tensor, below: Tensor, seed: int, better: Better | None = None) -> Measured:
    """10 log10(mean above / mean below) of two numbers (N,) of each example, in dB, both resampled alike."""
    both = torch.stack([above, below], 1).double()
    resampled = _db(bootstrap_means(both, seed))
    return Measured(float(_db(both.mean(0))), better, "dB", *interval(resampled), len(both), resampled)


def _db(pair: Tensor) -> Tensor:
    return 10 * torch.log10(pair[..., 0] / pair[..., 1])


def _errors(x_hat: Tensor, x: Tensor) -> Tensor:
    return (x_hat - x).double().square().flatten(1).sum(1)
