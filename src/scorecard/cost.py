"""What a model takes: numbers, arithmetic, time and memory."""

import statistics
import time
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from src.ranges import NonNegativeFloat, PositiveInt
from src.scorecard.card import CANNOT
from src.scorecard.contenders import Contender, Rival
from src.scorecard.findings import Findings, Measured
from src.scorecard.peak_memory import peak_tensor_bytes
from src.scorecard.pool import Images, Pool
from src.scorecard.section import Section

TIMED = 5
"""Batches that are timed at least; their median is told."""
MEGABYTE = 1e6


class Cost(Section):
    """What encoding and decoding take, on the CPU, in batches of test images.

    - parameters: all of the model's, critics and priors included; of PCA its components and its mean;
    - encode_flops, decode_flops: floating-point operations for one image in matrix products, convolutions and
      attention, as torch counts them: a multiply-add is two. What is done number by number (activations,
      normalisation) is not counted;
    - encode_rate, decode_rate: images per second, the median of at least five batches after a warm-up, with as many
      threads as torch has;
    - encode_memory, decode_memory: the most that the tensors made on the way take at once for one batch; weights and
      images, which are there before, do not count.

    Args:
        batch: images in a batch, at most.
        seconds: batches are timed until they took so long together, and until there are five.
    """

    name = "cost"

    def __init__(self, batch: PositiveInt = 256, seconds: NonNegativeFloat = 0.2) -> None:
        self.batch, self.seconds = batch, seconds

    def measure(self, who: Contender, pool: Pool) -> Findings:
        """Its figures of one contender."""
        images = pool.test.some(self.batch)
        found = Findings({"parameters": Measured(_parameters(who))})
        for name, call in (("encode", _encoding(who, images)), ("decode", _decoding(who, images, pool.seed))):
            if call is None:
                found.skipped[f"{name}_*"] = f"{who.name} {CANNOT[name]}."
            else:
                self._add(found, name, call, len(images))
        return found

    def _add(self, found: Findings, name: str, call: Callable[[], Tensor], n: int) -> None:
        found.scores[f"{name}_flops"] = Measured(flops(call) / n, "lower", "FLOP", n=n)
        rate = n / _median_seconds(call, self.seconds)
        found.scores[f"{name}_rate"] = Measured(rate, "higher", "images/s", n=n)
        peak = peak_tensor_bytes(call)
        if peak is None:
            found.skipped[f"{name}_memory"] = "This build of torch has no profiler to measure it with."
        else:
            found.scores[f"{name}_memory"] = Measured(peak / MEGABYTE, "lower", "MB", n=n)


def flops(call: Callable[[], Any]) -> int:
    """Floating-point operations of a call in matrix products, convolutions and attention; a multiply-add is two."""
    with FlopCounterMode(display=False) as counter:
        call()
    return int(counter.get_total_flops())


def _parameters(who: Contender) -> int:
    if isinstance(who, Rival):
        return who.pca.components.numel() + who.pca.mean.numel()
    return sum(parameter.numel() for parameter in cast(nn.Module, who.model).parameters())


def _encoding(who: Contender, images: Images) -> Callable[[], Tensor] | None:
    return (lambda: who.encode(images.x, images.y)) if "encode" in who.can else None


def _decoding(who: Contender, images: Images, seed: int) -> Callable[[], Tensor] | None:
    """Decoding the images' own codes, or, of a model that encodes none, codes from a normal."""
    if "decode" not in who.can:
        return None
    if "encode" in who.can:
        z = who.encode(images.x, images.y)
    else:
        assert who.model is not None
        z = torch.randn(len(images), who.model.latent_dim, generator=torch.Generator().manual_seed(seed))
    return lambda: who.decode(z, images.y)


def _median_seconds(call: Callable[[], Any], at_least: float) -> float:
    call()
    call()
    taken: list[float] = []
    while len(taken) < TIMED or sum(taken) < at_least:
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
