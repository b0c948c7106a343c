"""Every corruption with examples that it works on, and noise that says what it is told to."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions import (
    Background,
    Blur,
    Chain,
    Corruption,
    Downsample,
    Gaps,
    GaussianNoise,
    Grayscale,
    Half,
    Jpeg,
    Lines,
    Masking,
    Patches,
    PoissonNoise,
    SaltAndPepper,
    Speckle,
    Watermark,
)
from src.noise import IndexedNoise

RANGE = [-1.0, 2.0]
SHAPES = {"grey": (1, 16, 16), "colour": (3, 16, 16), "odd": (1, 15, 11), "series": (2, 37), "table": (30,)}
IMAGES = ("grey", "colour", "odd")
MADE: dict[str, tuple[Callable[[tuple[int, ...]], Corruption], tuple[str, ...]]] = {
    "gaussian": (lambda shape: GaussianNoise(0.3, RANGE), tuple(SHAPES)),
    "masking": (lambda shape: Masking(0.3, RANGE), tuple(SHAPES)),
    "salt_and_pepper": (lambda shape: SaltAndPepper(0.3, RANGE), tuple(SHAPES)),
    "poisson": (lambda shape: PoissonNoise(10.0, RANGE), tuple(SHAPES)),
    "speckle": (lambda shape: Speckle(0.3, RANGE), tuple(SHAPES)),
    "blur": (lambda shape: Blur(1.5), (*IMAGES, "series")),
    "downsample": (lambda shape: Downsample(3), (*IMAGES, "series")),
    "patches": (lambda shape: Patches(2, RANGE, 3), IMAGES),
    "half": (lambda shape: Half(RANGE), IMAGES),
    "lines": (lambda shape: Lines(2, RANGE, colour="either"), IMAGES),
    "watermark": (lambda shape: Watermark(list(shape), RANGE, "Hg", size=0.5), IMAGES),
    "jpeg": (lambda shape: Jpeg(30, RANGE), IMAGES),
    "grayscale": (lambda shape: Grayscale(), ("colour",)),
    "background": (lambda shape: Background(5.0, "pink"), ("series",)),
    "gaps": (lambda shape: Gaps(2, RANGE, 4), ("series",)),
    "chain": (lambda shape: Chain([Masking(0.2, RANGE), GaussianNoise(0.1, RANGE)]), tuple(SHAPES)),
}
"""How each is made for a shape, and the shapes that it works on."""
SURE = ("blur", "downsample", "jpeg", "grayscale")
"""Those without randomness."""
CASES = [pytest.param(name, kind, id=f"{name}-{kind}") for name, (_, kinds) in MADE.items() for kind in kinds]


def made(name: str, kind: str) -> Corruption:
    """The corruption for examples of that kind, checked as a model does."""
    corruption = MADE[name][0](SHAPES[kind])
    corruption.check(SHAPES[kind])
    return corruption


def examples(n: int, shape: tuple[int, ...]) -> Tensor:
    """Within the range, and no value at its ends."""
    return torch.rand(n, *shape, generator=torch.Generator().manual_seed(0)) * 2 - 0.5


def indexed(n: int, seed: int = 0) -> Noise:
    """The noise of the first n examples."""
    return IndexedNoise(seed, torch.arange(n))


class Told:
    """Noise whose uniform numbers are those given, one tensor a draw."""

    def __init__(self, *draws: Tensor) -> None:
        self.draws = list(draws)

    def uniform(self, like: Tensor) -> Tensor:
        """The next one."""
        return self.draws.pop(0).to(like).view(like.shape)

    def normal(self, like: Tensor) -> Tensor:
        """Nobody has asked for that."""
        raise AssertionError


def assert_share(mask: Tensor, expected: float) -> None:
    """The share of True, within 4 standard errors of independent ones."""
    error = math.sqrt(expected * (1 - expected) / mask.numel())
    assert float(mask.double().mean()) == pytest.approx(expected, abs=4 * error)


def assert_mean(values: Tensor, expected: float) -> None:
    """The mean, within 4 of its standard errors."""
    error = float(values.double().std()) / math.sqrt(values.numel())
    assert float(values.double().mean()) == pytest.approx(expected, abs=4 * error)
