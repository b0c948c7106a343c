"""A pool of small examples, and a contender whose errors are known."""

from collections.abc import Callable

import torch
from torch import Tensor

from src.scorecard.contenders import Contender
from src.scorecard.pool import Images, Pool


class Changed(Contender):
    """Reconstructs x as a function of it."""

    def __init__(self, change: Callable[[Tensor], Tensor], name: str = "Changed", can: str = "encode reconstruct"):
        super().__init__()
        self.change, self.name, self.can = change, name, frozenset(can.split())

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return x.flatten(1)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.change(x)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        raise NotImplementedError

    sample = decode  # type: ignore[assignment]


def pool(x: Tensor, y: Tensor | None = None, ends: tuple[float, float] = (0.0, 1.0), classes: str = "") -> Pool:
    """The same examples (N, *shape) to train on and to test on."""
    y = torch.full((len(x),), -1) if y is None else y
    train, test = (Images(name, x, y, torch.arange(len(x))) for name in ("train", "test"))
    return Pool(train, test, tuple(x.shape[1:]), ends, tuple(classes.split()), seed=0)
