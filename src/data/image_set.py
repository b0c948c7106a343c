"""Images held in memory as bytes; a whole batch is cut by index at once, with no Python per image."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.utils.data import Dataset

from src.contracts import Batch, Noise
from src.data.seeds import seed_for
from src.noise import IndexedNoise

Binarize = Literal["none", "dynamic", "fixed"]


class ImageSet(Dataset[Batch]):
    """N images with their labels, handed out as batches in the data's range.

    With `binarize` a pixel is black or white, at the two ends of the range, and white with a probability equal to its
    grey level, drawn by (seed, draw, index): "fixed" pixels have one draw, as in a set binarised once; "dynamic" ones
    another each time `draw()` gives another number, in training the epoch.

    Args:
        images: (N, *shape) uint8, from 0 to `scale`.
        labels: (N,) int64, -1 where there is none.
        classes: the names of labels 0, 1, ...
        factors: what each image was made from, by name, (N,) each; empty where that is not known.
        scale: the stored value of a white pixel.
        range: the values that stored 0 and `scale` are mapped to, affinely.
        seed: of the black-and-white pixels.
        draw: tells which draw of "dynamic" pixels is due; None always hands out the first, so that figures repeat.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        *,
        classes: Sequence[str] = (),
        factors: Mapping[str, Tensor] | None = None,
        scale: float = 255.0,
        range: tuple[float, float] = (0.0, 1.0),
        binarize: Binarize = "none",
        seed: int = 0,
        draw: Callable[[], int] | None = None,
    ) -> None:
        self.images = images.contiguous()
        self.labels = labels
        self.classes = list(classes)
        self.factors = dict(factors or {})
        self.scale = scale
        self.range = range
        self.binarize = binarize
        self.seed = seed
        self.draw = draw

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one image, [channels, height, width]."""
        return tuple(self.images.shape[1:])

    def __getitems__(self, indices: Tensor | Sequence[int]) -> Batch:
        """The batch of the images at `indices` (B,), each in [0, N)."""
        index = torch.as_tensor(indices, dtype=torch.int64)
        x = self.images.index_select(0, index).float().div_(self.scale)
        if self.binarize != "none":
            x = (self._noise(index).uniform(x) < x).float()
        low, high = self.range
        if (low, high) != (0.0, 1.0):
            x.mul_(high - low).add_(low)
        return Batch(x, self.labels[index], index)

    def __getitem__(self, i: int) -> Batch:
        """One image, without the batch dimension: x (*shape), y () and index ()."""
        if not -len(self) <= i < len(self):
            raise IndexError(f"image {i} of a set of {len(self)}")
        x, y, index = self.__getitems__([i % len(self)])
        return Batch(x[0], y[0], index[0])

    def batches(self, batch_size: int) -> Iterator[Batch]:
        """All images in order, `batch_size` at a time; the last batch may be smaller."""
        for index in torch.arange(len(self)).split(batch_size):
            yield self.__getitems__(index)

    def _noise(self, index: Tensor) -> Noise:
        draw = self.draw() if self.draw and self.binarize == "dynamic" else 0
        return IndexedNoise(seed_for("binarize", self.seed, draw), index)
