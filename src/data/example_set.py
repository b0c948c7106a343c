"""Examples held as they are stored; a whole batch is cut by index at once, with no Python per example."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import Literal

import torch
from torch import Tensor
from torch.utils.data import Dataset

from src.contracts import Batch, Noise
from src.data.seeds import seed_for
from src.noise import IndexedNoise
from src.ranges import UNBOUNDED

Binarize = Literal["none", "dynamic", "fixed"]
_AT_ONCE = 4096
"""Examples that are moved to a device at a time."""
_WIDE = (torch.float64, torch.int32, torch.int64)
BARE = {torch.uint16: torch.int32, torch.uint32: torch.int64, torch.uint64: torch.float64}
"""Types that torch stores but hardly computes with, least of all on a GPU, and what becomes of a batch of them."""


class ExampleSet(Dataset[Batch]):
    """N examples with their labels, handed out as batches in the data's range.

    What is stored may be of any real type and lie in memory, in a memory-mapped file or on a device. A batch is `cut`
    as it is stored, and `convert`ed, on whatever device it is by then, by (stored - shift) / scale; where the range has
    two ends, 0 and 1 are mapped to them.

    With `binarize` a pixel is black or white, at the two ends of the range, and white with a probability equal to its
    grey level, drawn by (seed, draw, index): "fixed" pixels have one draw, as in a set binarised once; "dynamic" ones
    another each time `draw()` gives another number, in training the epoch.

    Args:
        values: (M, *shape), M >= N, as stored.
        labels: (N,) int64, -1 where there is none.
        rows: (N,) int64, which of the M values these examples are; None where they are all of them, in order.
        classes: the names of labels 0, 1, ...
        factors: what each example was made from, by name, (N,) each; empty where that is not known.
        shift, scale: numbers, or one for each value of an example, shaped as it is.
        range: its lower and upper end; values without ends are left as they are.
        seed: of the black-and-white pixels.
        draw: tells which draw of "dynamic" pixels is due; None always hands out the first, so that figures repeat.
    """

    def __init__(
        self,
        values: Tensor,
        labels: Tensor,
        *,
        rows: Tensor | None = None,
        classes: Sequence[str] = (),
        factors: Mapping[str, Tensor] | None = None,
        shift: Tensor | float = 0.0,
        scale: Tensor | float = 255.0,
        range: tuple[float, float] = (0.0, 1.0),
        binarize: Binarize = "none",
        seed: int = 0,
        draw: Callable[[], int] | None = None,
    ) -> None:
        self.values = values
        self.labels = labels
        self.rows = rows
        self.classes = list(classes)
        self.factors = dict(factors or {})
        self.shift, self.scale = shift, scale
        self.range = range
        self.binarize = binarize
        self.seed = seed
        self.draw = draw

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example, e.g. [channels, height, width]."""
        return tuple(self.values.shape[1:])

    @property
    def stored(self) -> Tensor:
        """The values of all N examples as they are stored, (N, *shape); a copy where they are some of several."""
        return self.values if self.rows is None else self.values[self.rows]

    def on(self, device: torch.device) -> "ExampleSet":
        """The same examples, kept on `device`."""
        if device == self.values.device:
            return self
        moved = copy(self)
        # only the rows that belong here, a piece at a time: the store may be a file that memory does not hold
        moved.values = torch.empty(len(self), *self.shape, dtype=self.values.dtype, device=device)
        for index in torch.arange(len(self)).split(_AT_ONCE):
            moved.values[index[0] : index[-1] + 1] = self.cut(index).x.to(device)
        moved.rows, moved.labels = None, self.labels.to(device)
        return moved

    def cut(self, indices: Tensor | Sequence[int]) -> Batch:
        """The batch of the examples at `indices` (B,), each in [0, N), with x as it is stored (but see `BARE`)."""
        index = torch.as_tensor(indices, dtype=torch.int64)
        place = index if self.rows is None else self.rows[index]
        x = self.values.index_select(0, place)
        return Batch(x.to(BARE.get(x.dtype, x.dtype)), self.labels[index], index)

    def convert(self, batch: Batch) -> Batch:
        """A batch that was cut, with x (B, *shape) float32 in the data's range."""
        # cutting has copied, so what follows may write into a batch that is float already. Of types that hold more
        # digits than float32 the shift comes first: it may be large where what is left is small
        wide = batch.x.dtype in _WIDE and batch.x.device.type != "mps"  # which has no float64
        x = batch.x.double() if wide else batch.x.float()
        if isinstance(self.shift, Tensor) or self.shift:
            x = x.sub_(_beside(self.shift, x))
        if isinstance(self.scale, Tensor) or self.scale != 1:
            x = x.div_(_beside(self.scale, x))
        x = x.float()
        if self.binarize != "none":
            x = (self._noise(batch.index).uniform(x) < x).float()
        if self.range not in (UNBOUNDED, (0.0, 1.0)):
            low, high = self.range
            x = x.mul_(high - low).add_(low)
        return batch._replace(x=x)

    def __getitems__(self, indices: Tensor | Sequence[int]) -> Batch:
        """The batch of the examples at `indices` (B,), each in [0, N)."""
        return self.convert(self.cut(indices))

    def __getitem__(self, i: int) -> Batch:
        """One example, without the batch dimension: x (*shape), y () and index ()."""
        if not -len(self) <= i < len(self):
            raise IndexError(f"example {i} of a set of {len(self)}")
        x, y, index = self.__getitems__([i % len(self)])
        return Batch(x[0], y[0], index[0])

    def batches(self, batch_size: int) -> Iterator[Batch]:
        """All examples in order, `batch_size` at a time; the last batch may be smaller."""
        for index in torch.arange(len(self)).split(batch_size):
            yield self.__getitems__(index)

    def _noise(self, index: Tensor) -> Noise:
        draw = self.draw() if self.draw and self.binarize == "dynamic" else 0
        return IndexedNoise(seed_for("binarize", self.seed, draw), index)


class AsStored(Dataset[Batch]):
    """The same set, its batches of whole numbers as they are stored, a quarter of the size: for a way to a device.

    What is stored as floats is converted at once: it travels no cheaper as it is, and a run in half precision would
    round it before it is brought into the data's range.
    """

    def __init__(self, examples: ExampleSet) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitems__(self, indices: Tensor) -> Batch:
        batch = self.examples.cut(indices)
        return self.examples.convert(batch) if batch.x.is_floating_point() else batch

    def __getitem__(self, i: int) -> Batch:
        raise TypeError("whole batches only: use a batch_sampler")


def _beside(number: Tensor | float, x: Tensor) -> Tensor | float:
    return number.to(x) if isinstance(number, Tensor) else number
