"""How likely a model with a density finds the test images."""

import math
from typing import ClassVar

import torch

from src.metrics.likelihood import log_likelihood, no_likelihood_of
from src.noise import IndexedNoise
from src.ranges import PositiveInt
from src.scorecard.contenders import AT_ONCE, Contender
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Pool
from src.scorecard.section import Section


class Likelihood(Section):
    """log p(x) of the test images in nats, by importance sampling (Burda et al. 2016), for VAEs.

    `log_likelihood` is too low on average and rises with the number of samples, which stands beside it as `samples`.
    `bits_per_dim` is -log p(x) / (D log 2) of the D numbers in an image as the loss reads them; of pixels that are not
    counted but measured (loss=gaussian) it is a density's and may be below 0.

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
        dims = math.prod(pool.shape)
        bits = mean.through(lambda value: -value / (dims * math.log(2)), "lower", "bits")
        return Findings({"log_likelihood": mean, "bits_per_dim": bits, "samples": Measured(self.samples)})
