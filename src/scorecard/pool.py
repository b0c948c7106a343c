"""The examples that a score card is measured on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from src.contracts import Batch


class Examples(Protocol):
    """A set of examples as the data room hands it over."""

    @property
    def factors(self) -> Mapping[str, Tensor]: ...
    def __len__(self) -> int: ...
    def __getitems__(self, indices: Tensor) -> Batch: ...


class DataSource(Protocol):
    """As much of a data module as a score card needs, after its `setup()`."""

    @property
    def train_set(self) -> Examples: ...
    @property
    def test_set(self) -> Examples: ...

    shape: tuple[int, ...]
    range: tuple[float, float]
    class_names: tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class Images:
    """Examples in memory."""

    name: str
    """"train" or "test"."""
    x: Tensor
    """(N, *shape) float32, in the data's range."""
    y: Tensor
    """(N,) int64, -1 where there is no label."""
    index: Tensor
    """(N,) int64, places in the whole set; noise is seeded by them."""
    factors: Mapping[str, Tensor] = field(default_factory=dict)
    """What each example was made from, by name, (N,) each; empty where that is not known."""

    def __len__(self) -> int:
        return len(self.x)

    def batches(self, at_once: int = 256) -> Iterator[Batch]:
        """All of them in order."""
        for x, y, index in zip(*(part.split(at_once) for part in (self.x, self.y, self.index)), strict=True):
            yield Batch(x, y, index)

    def some(self, at_most: int) -> "Images":
        """At most so many of them, evenly spaced; itself where there are no more."""
        n = len(self)
        if n <= at_most:
            return self
        chosen = evenly_spaced(n, at_most)
        factors = {name: values[chosen] for name, values in self.factors.items()}
        return Images(self.name, self.x[chosen], self.y[chosen], self.index[chosen], factors)

    @property
    def labelled(self) -> bool:
        """Whether every example has a label, and there are at least two."""
        return bool((self.y >= 0).all()) and len(self.y.unique()) > 1


@dataclass(frozen=True, eq=False)
class Pool:
    """What every section measures on: evenly spaced examples of the training and the test set."""

    train: Images
    test: Images
    shape: tuple[int, ...]
    range: tuple[float, float]
    """The values of black and white; (-inf, inf) for values without ends."""
    classes: tuple[str, ...]
    """The names of labels 0, 1, ...; empty where there are none."""
    seed: int
    """Of everything that is drawn in measuring."""

    @classmethod
    def of(cls, data: DataSource, max_samples: int, seed: int) -> "Pool":
        """At most `max_samples` of the training examples and as many of the test's: all the memory that is needed."""
        train, test = (_some(name, getattr(data, f"{name}_set"), max_samples) for name in ("train", "test"))
        low, high = data.range
        return cls(train, test, tuple(data.shape), (float(low), float(high)), tuple(data.class_names or ()), seed)


def evenly_spaced(n: int, at_most: int) -> Tensor:
    """The places of at most so many of n examples, which may lie class by class; all of them where there are no more.

    One set has one choice: what is chosen from twice is the same examples.
    """
    chosen = min(n, at_most)
    return torch.arange(chosen) * n // max(chosen, 1)


def _some(name: str, examples: Examples, at_most: int) -> Images:
    index = evenly_spaced(len(examples), at_most)
    batch = examples.__getitems__(index)
    factors = {factor: values[index] for factor, values in examples.factors.items()}
    return Images(name, batch.x, batch.y, batch.index, factors)
