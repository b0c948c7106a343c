"""How well clean test images are given back."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from src.metrics.reconstruction import ssim_of_each, ssim_sigma
from src.ranges import PositiveInt
from src.scorecard.contenders import AT_ONCE, Contender
from src.scorecard.decibels import psnr
from src.scorecard.findings import Findings, mean_of
from src.scorecard.pool import Images, Pool
from src.scorecard.reconstruction_pictures import best_and_worst, error_histogram
from src.scorecard.section import Section

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Reconstruction(Section):
    """`se`, `mse`, `psnr`, `ssim` of the test images from the code at its mean, as a run's own `test/...` are.

    - se: the squared error summed over an image's pixels and channels, mean over images; `se/<class>` of one class;
    - mse: the same per pixel;
    - psnr: 10 log10(range^2 / mse) in dB, of the mean mse; its interval is that of mse, through the same formula;
    - ssim: structural similarity (Wang et al. 2004), mean over images;
    - se_clipped, psnr_clipped: of x_hat clipped to the data's range, which every other figure leaves as it is.

    Values without ends have neither psnr nor ssim and nothing to clip; only images have ssim.

    Args:
        shown: so many of the best and of the worst images are drawn.
    """

    name = "reconstruction"
    needs: ClassVar[frozenset[str]] = frozenset({"reconstruct"})

    def __init__(self, shown: PositiveInt = 8) -> None:
        self.shown = shown

    def measure(self, who: Contender, pool: Pool) -> Findings:
        """Its figures of one contender."""
        x, x_hat = pool.test.x, who.reconstructions(pool.test)
        errors = squared_errors(x_hat, x)
        found = Findings()
        found.scores["se"] = se = mean_of(errors, "lower", seed=pool.seed)
        found.scores["mse"] = se.through(lambda total: total / math.prod(pool.shape), "lower")
        _between_ends(found, x_hat, x, pool)
        _by_class(found, errors, pool)
        return found

    def pictures(self, model: Contender, rival: Contender, pool: Pool) -> dict[str, "Figure"]:
        """How the errors are spread, and the images that the model gives back best and worst."""
        images, both = pool.test, (model, rival)
        errors = {who.name: squared_errors(who.reconstructions(images), images.x) for who in both}
        order = errors[model.name].argsort()
        shown = min(self.shown, len(order) // 2)
        if not shown:
            return {"errors": error_histogram(errors)}
        ends = {"best": order[:shown], "worst": order.flip(0)[:shown]}
        rows = {"input": images.x} | {who.name: who.reconstructions(images) for who in both}
        return {"errors": error_histogram(errors), "best_and_worst": best_and_worst(rows, errors, ends, pool.range)}


def squared_errors(x_hat: Tensor, x: Tensor) -> Tensor:
    """The squared error of each example summed over all its values, (N,)."""
    return of_each(lambda a, b: (a - b).square().flatten(1).sum(1), x_hat, x)


def of_each(function: Callable[[Tensor, Tensor], Tensor], x_hat: Tensor, x: Tensor) -> Tensor:
    """A number of each example, (N,), some at a time: what a formula makes on the way takes memory too."""
    return torch.cat([function(*parts) for parts in zip(x_hat.split(AT_ONCE), x.split(AT_ONCE), strict=True)])


def _between_ends(found: Findings, x_hat: Tensor, x: Tensor, pool: Pool) -> None:
    """The figures of values that have a lowest and a highest."""
    low, high = pool.range
    if not math.isfinite(high - low):
        for name in ("psnr", "ssim", "se_clipped", "psnr_clipped"):
            found.skipped[name] = "The values have no ends (data.range=null), so there is no peak and nothing to clip."
        return
    found.scores["psnr"] = psnr(found.scores["mse"], (high - low) ** 2)
    clipped = of_each(lambda a, b: (a.clamp(low, high) - b).square().flatten(1).sum(1), x_hat, x)
    found.scores["se_clipped"] = se = mean_of(clipped, "lower", seed=pool.seed)
    found.scores["psnr_clipped"] = psnr(se, (high - low) ** 2 * math.prod(pool.shape))
    sigma = ssim_sigma(pool.shape)
    if sigma is None:
        found.skipped["ssim"] = "It compares windows of images of at least 3 x 3 pixels, which these examples are not."
        return
    each = of_each(lambda a, b: ssim_of_each(a, b, pool.range, sigma), x_hat, x)
    found.scores["ssim"] = mean_of(each, "higher", seed=pool.seed)


def _by_class(found: Findings, errors: Tensor, pool: Pool) -> None:
    images: Images = pool.test
    if not images.labelled:
        found.skipped["se/<class>"] = "The test examples have no labels that tell them apart."
        return
    for label in images.y.unique().tolist():
        name = pool.classes[label] if label < len(pool.classes) else str(label)
        found.scores[f"se/{name}"] = mean_of(errors[images.y == label], "lower", seed=pool.seed)
