"""What every data module shares: loading once, the seeds, the three sets, where they lie, and their loaders."""

from abc import ABC, abstractmethod
from typing import Any, Literal, TypedDict, Unpack

import torch
from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader

from src.contracts import Batch
from src.data.arrays.finite import LARGEST
from src.data.batches import EpochBatches, check_shares
from src.data.example_set import AsStored, Binarize, ExampleSet
from src.data.examples import Examples
from src.data.residence import home_of
from src.data.seeds import seed_for
from src.errors import UserError
from src.ranges import UNBOUNDED, NonNegativeInt, PositiveInt, Shape, ValueRange, ends


class Dials(TypedDict, total=False):
    """What every data module lets one choose; `DataModule` says what each means."""

    shape: Shape | None
    range: ValueRange | None
    batch_size: PositiveInt
    seed: NonNegativeInt
    split_seed: NonNegativeInt
    binarize: Binarize
    limit: PositiveInt | None
    classes: NonNegativeInt | None
    device: Literal["auto", "cpu"]


class DataModule(LightningDataModule, ABC):
    """Three sets of examples, `train_set`, `val_set` and `test_set`, there after `setup()`, and their loaders.

    Batches are converted on the device that the sets lie on, or, where those are too large for the GPU that trains, on
    that GPU (`on_after_batch_transfer`): bytes travel faster than floats.

    Args:
        shape: of one example, [channels, height, width], [channels, length] or [features]; checked against what is
            loaded. None: as it is found.
        range: the values of black and white, or the ends of what is no picture; None for values without ends.
        batch_size: examples in a batch of one process.
        seed: of the order of the training examples; the run's own seed.
        split_seed: of everything that makes the sets: the split, black-and-white pixels. Apart from the run's seed, so
            that runs with other seeds are measured on the same examples.
        binarize: black-and-white pixels drawn by grey level, see `ExampleSet`.
        limit: train on so many of the training examples only, evenly spaced among them; None is all.
        classes: how many the labels tell apart, for models that are told; checked against what is there. None: as many
            as are found.
        device: "auto" keeps the sets on the GPU that trains where they take under a quarter of what it has free; "cpu"
            keeps them where they are.

    Raises:
        UserError: the range is upside down, or there are not as many classes; at `setup()`: the examples are not of
            this shape, or cannot be loaded.
    """

    class_names: tuple[str, ...] | None = None
    """The names of labels 0, 1, ...; where a source knows them only after loading, None until then."""
    feature_names: tuple[str, ...] = ()
    """The names of the D values of an example (D,), set by `load`; empty where they have none."""
    shift: Tensor | float = 0.0
    scale: Tensor | float = 255.0
    """(stored - shift) / scale is 0 for black and 1 for white; `load` may set both."""
    train_set: ExampleSet
    val_set: ExampleSet
    test_set: ExampleSet

    def __init__(self, **dials: Unpack[Dials]) -> None:
        super().__init__()
        self.shape = tuple(int(side) for side in dials.get("shape") or [])  # empty until it is found
        low, high = self.range = ends(dials.get("range", [0.0, 1.0]))
        self.batch_size = dials.get("batch_size", 128)
        self.seed, self.split_seed = dials.get("seed", 0), dials.get("split_seed", 0)
        self.binarize: Binarize = dials.get("binarize", "none")
        self.limit, self.classes = dials.get("limit"), dials.get("classes")
        self.device: Literal["auto", "cpu"] = dials.get("device", "auto")
        if low >= high:
            raise UserError(f"data.range=[{low:g},{high:g}] runs backwards; type the lower end first, as in [0,1].")
        if self.range != UNBOUNDED and not high - low <= LARGEST:
            raise UserError(
                f"data.range=[{low:g},{high:g}] is no range that float32 holds; type two numbers as in [0,1], or "
                "data.range=null for values without ends."
            )
        if self.range == UNBOUNDED and self.binarize != "none":
            raise UserError(
                f"data.binarize={self.binarize} makes values black or white, but these have no such ends "
                "(data.range=null). Leave it out."
            )
        if self.class_names is not None:
            self._check_classes(self.class_names)
        self._home: torch.device | None = None
        self._is_set_up = False

    @abstractmethod
    def load(self) -> tuple[Examples, Examples, Examples]:
        """The examples to train on, to validate on and to test on."""

    def setup(self, stage: str | None = None) -> None:
        """Load the three sets, once; `stage` makes no difference."""
        if self._is_set_up:
            return
        if self.trainer is None:  # a trainer has called it by now, on one process of each machine
            self.prepare_data()
        train, val, test = self.load()
        self._check_classes(self.class_names or ())
        self.train_set = self._example_set("train", _some(train, self.limit))
        self.val_set = self._example_set("val", val)
        self.test_set = self._example_set("test", test)
        self._is_set_up = True

    def told(self) -> dict[str, Any]:
        """What only the data can tell: `shape` and `classes`, for a configuration that leaves them open."""
        self.setup()
        return {"shape": list(self.train_set.shape), "classes": len(self.train_set.classes)}

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches of the training set, in an order of their own each epoch."""
        return self._loader(self.train_set, shuffle=True)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Batches of the validation set, in order."""
        return self._loader(self.val_set, shuffle=False)

    def test_dataloader(self) -> DataLoader[Batch]:
        """Batches of the test set, in order."""
        return self._loader(self.test_set, shuffle=False)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """Lightning's hook: the batch in the data's range and the run's precision, made where it is by now."""
        trainer = self.trainer
        assert trainer is not None
        if batch.x.is_floating_point():  # it was converted where it was cut
            return batch
        examples = self.train_set if trainer.training else self.test_set if trainer.testing else self.val_set
        return trainer.precision_plugin.convert_input(examples.convert(batch))

    def _example_set(self, name: str, examples: Examples) -> ExampleSet:
        found = tuple(examples.values.shape[1:])
        self.shape = self.shape or found
        if found != self.shape and name != "train":
            raise UserError(
                f"the {name} examples of {type(self).__name__} are {_typed(found)}, but those to train on are "
                f"{_typed(self.shape)}; make them alike."
            )
        if found != self.shape:
            raise UserError(
                f"data.shape={_typed(self.shape)}, but the {name} examples of {type(self).__name__} are "
                f"{_typed(found)}; type 'data.shape={_typed(found)}' or choose other data."
            )
        return ExampleSet(
            examples.values,
            examples.labels.long(),
            rows=examples.rows,
            classes=self.class_names or (),
            factors=examples.factors,
            shift=self.shift,
            scale=self.scale,
            range=self.range,
            binarize=self.binarize,
            seed=seed_for("binarize", name, self.split_seed),
            draw=self._epoch if name == "train" else None,
        )

    def _check_classes(self, names: tuple[str, ...]) -> None:
        if self.classes not in (None, len(names)):
            raise UserError(
                f"data.classes={self.classes}, but {type(self).__name__} has {len(names)}; "
                f"type data.classes={len(names)}."
            )

    def _loader(self, examples: ExampleSet, shuffle: bool) -> DataLoader[Batch]:
        trains_on = self.trainer.strategy.root_device if self.trainer else torch.device("cpu")
        if self._home is None:
            sets = {"train on": self.train_set, "validate on": self.val_set, "test on": self.test_set}
            check_shares({purpose: len(its) for purpose, its in sets.items()}, getattr(self.trainer, "world_size", 1))
            self._home = home_of([self.train_set, self.val_set, self.test_set], trains_on, self.device)
        examples = examples.on(self._home)
        batches = EpochBatches(len(examples), self.batch_size, self.seed, self._epoch, shuffle, self._home)
        # no workers: cutting a batch from memory is faster than sending it from one process to another.
        # a generator of its own: the loader draws from one at each pass, and the global one is the model's
        return DataLoader(
            examples if self._home.type == trains_on.type else AsStored(examples),
            batch_sampler=batches,  # type: ignore[arg-type]  # torch's annotation knows lists of indices only
            collate_fn=_as_it_is,
            generator=torch.Generator(),
        )

    def _epoch(self) -> int:
        if self.trainer is None or getattr(self.trainer, "overfit_batches", False):
            return 0  # overfitting is to the same batches in each epoch
        return self.trainer.current_epoch


def _some(examples: Examples, limit: int | None) -> Examples:
    """Evenly spaced: where examples lie class by class, or in order of time, the first would be all of a kind."""
    n = len(examples.labels)
    return examples if limit is None or limit >= n else examples.take(torch.arange(limit) * n // limit)


def _as_it_is(batch: Any) -> Any:
    return batch


def _typed(shape: tuple[int, ...]) -> str:
    """A shape as one types it on the command line."""
    return "[" + ",".join(map(str, shape)) + "]"
