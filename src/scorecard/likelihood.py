"""How likely a model with a density finds the test images."""

from typing import ClassVar

import torch

from src.metrics.likelihood import bits_per_dim, log_likelihood, no_likelihood_of
from src.noise import IndexedNoise
from src.ranges import PositiveInt
from src.scorecard.contenders import AT_ONCE, Contender
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Pool
from src.scorecard.section import Section


class Likelihood(Section):
    """log p(x) of the test images in nats, by importance sampling (Burda et al. 2016), for VAEs.

    `log_likelihood` is too low on average and rises with the number of samples, which stands beside it as `samples`.
    It is of the numbers in an image as the loss reads them; `bits_per_dim` is of the same brought to [0, 1], see
    `src/metrics/likelihood.py`. Of a conditional model both are of log p(x|y), the class being known.

    Args:
        samples: importance samples for each image.
        max_images: at most so many of the test images, evenly spaced.
        chunk: codes decoded at once, which bounds the memory.
    """

    name = "likelihood"
    needs: ClassVar[frozenset[str]] = frozenset({"likelihood"})
    models_only = True

    def __init__(self, samples: PositiveInt = 100, max_images: PositiveInt = 500, chunk: PositiveInt = 2000) -> None:
        self.samples, self.max_images, self.chunk = samples, max_images, chunk

    @torch.no_grad()
    def measure(self, who: Contender, pool: Pool) -> Findings:
        """Its figures of the model."""
        model, images = who.model, pool.test.some(self.max_images)
        assert model is not None
        if why := no_likelihood_of(images.x, model):
            return Findings(skipped={"*": why})
        nats = torch.cat(
            [
                log_likelihood(model, x, y, IndexedNoise(pool.seed, index), self.samples, self.chunk)
                for x, y, index in images.batches(min(AT_ONCE, self.chunk))
            ]
        )
        mean = mean_of(nats, "higher", "nats", pool.seed)
        bits = mean.through(lambda value: bits_per_dim(value, pool.shape, pool.range), "lower", "bits")
        return Findings({"log_likelihood": mean, "bits_per_dim": bits, "samples": Measured(self.samples)})
