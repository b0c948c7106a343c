"""What every data module shares: loading once, the seeds, the three sets and their loaders."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import torch
from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader

from src.contracts import Batch
from src.data.batches import EpochBatches
from src.data.image_set import Binarize, ImageSet
from src.data.seeds import seed_for
from src.data.split import cut
from src.errors import UserError
from src.ranges import NonNegativeInt, PositiveInt, Shape, ValueRange

UNIT_RANGE: ValueRange = [0.0, 1.0]


class Images(NamedTuple):
    """Images as a source hands them over."""

    pixels: Tensor
    """(N, *shape) uint8, from 0 to the module's `scale`."""
    labels: Tensor
    """(N,) int64, -1 where there is none."""
    factors: dict[str, Tensor]
    """What each image was made from, (N,) each."""

    def take(self, index: Tensor | slice) -> "Images":
        """The images at `index`."""
        return Images(self.pixels[index], self.labels[index], {k: v[index] for k, v in self.factors.items()})

    def cut(self, fraction: float, seed: int) -> tuple["Images", "Images"]:
        """(the rest, `fraction` of the images), stratified by label."""
        rest, part = cut(self.labels, fraction, seed)
        return self.take(rest), self.take(part)


class ImageData(LightningDataModule, ABC):
    """Three image sets, `train_set`, `val_set` and `test_set`, there after `setup()`, and their loaders.

    Args:
        shape: of one image, [channels, height, width]; checked against what is loaded.
        range: the values of black and white.
        batch_size: images in a batch of one process.
        seed: of the order of the training images; the run's own seed.
        split_seed: of everything that makes the sets: the split, black-and-white pixels. Apart from the run's seed, so
            that runs with other seeds are measured on the same images.
        binarize: black-and-white pixels drawn by grey level, see `ImageSet`.
        limit: train on the first so many training images only; None is all.
        classes: how many the labels tell apart, for models that are told; checked against what is there.

    Raises:
        UserError: the range is upside down, or there are not as many classes; at `setup()`: the images are not of this
            shape, or cannot be loaded.
    """

    classes: ClassVar[list[str]]
    scale: ClassVar[float] = 255.0
    """The stored value of a white pixel."""
    train_set: ImageSet
    val_set: ImageSet
    test_set: ImageSet

    def __init__(
        self,
        *,
        shape: Shape,
        range: ValueRange,
        batch_size: PositiveInt,
        seed: NonNegativeInt,
        split_seed: NonNegativeInt,
        binarize: Binarize,
        limit: PositiveInt | None,
        classes: NonNegativeInt | None,
    ) -> None:
        super().__init__()
        self.shape = tuple(int(side) for side in shape)
        low, high = (float(end) for end in range)
        if low >= high:
            raise UserError(f"data.range=[{low:g},{high:g}] runs backwards; type the lower end first, as in [0,1].")
        found = len(self.classes)
        if classes not in (None, found):
            raise UserError(
                f"data.classes={classes}, but {type(self).__name__} has {found}; type data.classes={found}."
            )
        self.range = (low, high)
        self.batch_size = batch_size
        self.seed = seed
        self.split_seed = split_seed
        self.binarize: Binarize = binarize
        self.limit = limit
        self._is_set_up = False

    @abstractmethod
    def load(self) -> tuple[Images, Images, Images]:
        """The images to train on, to validate on and to test on."""

    def setup(self, stage: str | None = None) -> None:
        """Load the three sets, once; `stage` makes no difference."""
        if self._is_set_up:
            return
        if self.trainer is None:  # a trainer has called it by now, on one process of each machine
            self.prepare_data()
        train, val, test = self.load()
        self.train_set = self._image_set("train", train.take(slice(self.limit)))
        self.val_set = self._image_set("val", val)
        self.test_set = self._image_set("test", test)
        self._is_set_up = True

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches of the training set, in an order of their own each epoch."""
        return self._loader(self.train_set, shuffle=True)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Batches of the validation set, in order."""
        return self._loader(self.val_set, shuffle=False)

    def test_dataloader(self) -> DataLoader[Batch]:
        """Batches of the test set, in order."""
        return self._loader(self.test_set, shuffle=False)

    def _image_set(self, name: str, images: Images) -> ImageSet:
        found = tuple(images.pixels.shape[1:])
        if found != self.shape:
            raise UserError(
                f"data.shape={_typed(self.shape)}, but the {name} images of {type(self).__name__} are {_typed(found)}; "
                f"type 'data.shape={_typed(found)}' or choose other data."
            )
        return ImageSet(
            images.pixels,
            images.labels,
            classes=self.classes,
            factors=images.factors,
            scale=self.scale,
            range=self.range,
            binarize=self.binarize,
            seed=seed_for("binarize", name, self.split_seed),
            draw=self._epoch if name == "train" else None,
        )

    def _loader(self, images: ImageSet, shuffle: bool) -> DataLoader[Batch]:
        batches = EpochBatches(len(images), self.batch_size, self.seed, self._epoch, shuffle)
        # no workers: cutting a batch from memory is faster than sending it from one process to another.
        # a generator of its own: the loader draws from one at each pass, and the global one is the model's
        return DataLoader(
            images,
            batch_sampler=batches,  # type: ignore[arg-type]  # torch's annotation knows lists of indices only
            collate_fn=_as_it_is,
            generator=torch.Generator(),
        )

    def _epoch(self) -> int:
        if self.trainer is None or getattr(self.trainer, "overfit_batches", False):
            return 0  # overfitting is to the same batches in each epoch
        return self.trainer.current_epoch


def _as_it_is(batch: Any) -> Any:
    return batch


def _typed(shape: tuple[int, ...]) -> str:
    """A shape as one types it on the command line."""
    return "[" + ",".join(map(str, shape)) + "]"
