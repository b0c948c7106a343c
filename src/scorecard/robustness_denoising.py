"""What a contender makes of corrupted images, beside the best linear denoiser."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from src.corruptions import Corruption
from src.errors import UserError
from src.metrics.linear_denoiser import LinearDenoiser
from src.noise import IndexedNoise
from src.scorecard.contenders import AT_ONCE, Contender
from src.scorecard.decibels import gain, psnr
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Images, Pool

CorruptionFactory = Callable[..., Corruption]
"""A corruption's class with its dials; what it asks of the data (`range`, `shape`) is still to be told."""


class Rivals(NamedTuple):
    """The squared error summed over an image's pixels, mean over test images, of what needs no model."""

    seen: Measured
    """Of the corrupted image itself."""
    linear: Measured | None
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
        if not rivals.seen.value:
            found.skipped[name] = f"corruption={corruption.config_name} leaves these examples as they are."
        elif not error.isfinite().all() or not error.any():
            found.skipped[name] = f"The error of {who.name} on such images is {float(error.mean())}: no figure in dB."
        else:
            figures = _figures(mean_of(error, "lower", seed=pool.seed), rivals, pool)
            found.scores |= {f"{name}/{figure}": value for figure, value in figures.items()}
            if rivals.linear and not rivals.linear.value:
                found.skipped[f"{name}/gain_over_linear"] = "A linear map undoes it without an error: no figure in dB."

    def _rivals(self, name: str, corruption: Corruption, seen: Tensor, pool: Pool) -> Rivals:
        if (pool, name) not in self._kept:
            x, linear = pool.test.x, None
            if math.prod(pool.shape) <= self.linear_up_to:
                denoiser = LinearDenoiser(corrupted(corruption, pool.train, pool.seed + 1), pool.train.x)
                linear = mean_of(_errors(denoiser(seen), x), "lower", seed=pool.seed)
            self._kept[pool, name] = Rivals(mean_of(_errors(seen, x), "lower", seed=pool.seed), linear)
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


def _figures(error: Measured, rivals: Rivals, pool: Pool) -> dict[str, Measured]:
    width = pool.range[1] - pool.range[0]
    linear = rivals.linear if rivals.linear and rivals.linear.value else None
    figures = {"gain": gain(rivals.seen, error, "higher")}
    if linear:
        figures["gain_over_linear"] = gain(linear, error, "higher")
    if not math.isfinite(width):
        return {"se": error} | figures
    peak = width**2 * math.prod(pool.shape)
    of_linear = {"linear_psnr": replace(psnr(linear, peak), better=None)} if linear else {}
    return {"psnr": psnr(error, peak)} | of_linear | figures


def _errors(x_hat: Tensor, x: Tensor) -> Tensor:
    return (x_hat - x).double().square().flatten(1).sum(1)
