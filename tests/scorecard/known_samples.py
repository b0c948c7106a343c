"""A contender whose samples are known, and examples to hold them against."""

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor

from src.scorecard.contenders import Contender
from src.scorecard.pool import Images, Pool

Sampler = Callable[[int, Tensor | None], Tensor]


class Plain(Contender):
    """Its codes are the examples themselves, flattened; it samples as it is told.

    Args:
        shape: of one example.
        sampler: makes n samples of the classes asked for; None for one that makes none.
        can: what it can do besides.
        is_model: whether it stands for the model of a run.
    """

    name = "Plain"

    def __init__(
        self,
        shape: tuple[int, ...],
        sampler: Sampler | None = None,
        can: tuple[str, ...] = ("encode", "decode"),
        is_model: bool = True,
    ) -> None:
        super().__init__()
        self.shape, self.sampler = shape, sampler
        self.can = frozenset({*can, *(["sample"] if sampler else [])})
        self.model = cast(Any, self) if is_model else None

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return x.flatten(1)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return x

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return z.view(-1, *self.shape)

    def sample(self, n: int, seed: int, y: Tensor | None = None) -> Tensor:
        assert self.sampler is not None
        return self.sampler(n, y)


def blobs(n: int, shape: tuple[int, ...], seed: int, classes: int = 2) -> tuple[Tensor, Tensor]:
    """n examples in [0, 1] around a middle for each class, which all seeds share, and their classes in turn."""
    middles = torch.rand(classes, *shape, generator=torch.Generator().manual_seed(99))
    y = torch.arange(n) % classes
    noise = torch.randn(n, *shape, generator=torch.Generator().manual_seed(seed))
    return (0.1 + 0.8 * middles[y] + 0.05 * noise).clamp(0, 1), y


def pool_of(
    shape: tuple[int, ...] = (1, 8, 8), train: int = 90, test: int = 60, classes: int = 2, labelled: bool = True
) -> Pool:
    """Blobs to train and to test on."""
    images = []
    for name, n, seed in (("train", train, 0), ("test", test, 1)):
        x, y = blobs(n, shape, seed, classes)
        images.append(Images(name, x, y if labelled else torch.full_like(y, -1), torch.arange(n)))
    names = tuple(map(str, range(classes))) if labelled else ()
    return Pool(images[0], images[1], shape, (0.0, 1.0), names, seed=0)
