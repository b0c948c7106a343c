"""The user's own arrays."""

from pathlib import Path
from typing import Unpack

import numpy as np
import torch
from torch import Tensor

from src.data.arrays.array_files import GIGABYTE, Array, arrays_in
from src.data.arrays.array_names import AUTO, Named, sorted_out
from src.data.arrays.finite import ends_of
from src.data.arrays.labels import numbered
from src.data.arrays.layouts import Layout, laid_out
from src.data.arrays.scaling import Scaling, scaling_of
from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.data.parts import Part, three_sets
from src.data.roots import located
from src.errors import UserError
from src.ranges import OpenFraction, PositiveFloat

REAL = {
    *(torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64),
    *(torch.int8, torch.int16, torch.int32, torch.int64),
    *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
}
"""What torch finds the ends of; it stores more, such as complex numbers and floats of 8 bits."""


class Arrays(DataModule):
    """Examples out of a .npy, .npz or .pt file or a folder of .npy files, with labels where there are any.

    Arrays are told by their names, as x_train, y_train, x_test, y_test, or train_images, or data and target (see
    `sorted_out`); an only array holds the examples. Parts that are given stay as they are; what is missing is cut from
    the training part by `split_seed`, stratified by label. Labels may be any whole numbers or text. Nothing is copied:
    values stay of the type they have, and in their file where that is large. Other parameters: `DataModule`.

    Args:
        root: the file or folder.
        values: the name of the array of examples, where names do not tell.
        labels: "auto" by name; None for none; or a name, or a file of its own.
        layout: what the axes mean, see `laid_out`.
        scaling: how values come to the data's range, see `scaling_of`.
        max_memory: in GB; larger .npy and .pt files are memory-mapped, larger .npz files refused.
        val_fraction: for validation, of what is not the test's.
        test_fraction: for the test, of all.

    Raises:
        UserError: at `setup()`, whatever is wrong with the files.
    """

    def __init__(
        self,
        *,
        root: str | None = None,
        values: str | None = None,
        labels: str | None = AUTO,
        layout: Layout = "auto",
        scaling: Scaling = "auto",
        max_memory: PositiveFloat = 2.0,
        val_fraction: OpenFraction = 0.1,
        test_fraction: OpenFraction = 0.2,
        **dials: Unpack[Dials],
    ) -> None:
        super().__init__(**dials)
        self.root, self.values, self.labels = root, values, labels
        self.layout: Layout = layout
        self.scaling: Scaling = scaling
        self.max_bytes = max_memory * GIGABYTE
        self.val_fraction, self.test_fraction = val_fraction, test_fraction

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The arrays, checked and cut, and what brings their values to the range."""
        if self.root is None:
            raise UserError(
                "data=arrays needs a file: type data.root=my.npz (or .npy, .pt, or a folder of .npy files)."
            )
        root = located(self.root)
        arrays = arrays_in(root, self.max_bytes)
        beside = self.labels is not None and self.labels not in (AUTO, *arrays) and Path(self.labels).suffix != ""
        named = sorted_out(arrays, str(root), self.values, None if beside else self.labels)
        stored = {part: as_tensor(arrays[name](), f"{root}: '{name}'") for part, name in named.values.items()}
        if beside:
            labels = {"train": self._from_file(located(str(self.labels), "data.labels"))}
        else:
            labels = {part: (arrays[name](), f"{root}: '{name}'") for part, name in named.labels.items()}
        given = self._examples(stored, labels, named, root)  # type: ignore[arg-type]
        sets = three_sets(given, self.val_fraction, self.test_fraction, self.split_seed, str(root))
        found = [ends_of(values, f"{root}: '{named.values[part]}'") for part, values in stored.items()]
        ends = min(low for low, _ in found), max(high for _, high in found)
        self.shift, self.scale = scaling_of(self.scaling, self.range, ends, sets[0], str(root))
        return sets

    def _examples(
        self, stored: dict[Part, Tensor], labels: dict[Part, tuple[Array, str]], named: Named, root: Path
    ) -> dict[Part, Examples]:
        if labels:
            numbers, self.class_names = numbered([(_as_numpy(found), where) for found, where in labels.values()])
        told = dict(zip(labels, numbers, strict=True)) if labels else {}
        given: dict[Part, Examples] = {}
        for part, found in stored.items():
            values = laid_out(found, self.layout, f"{root}: '{named.values[part]}'")
            y = told.get(part, torch.full((len(values),), -1))
            if len(y) != len(values):
                raise UserError(
                    f"{labels[part][1]} has {len(y):,} labels for the {len(values):,} examples of "
                    f"'{named.values[part]}'; give one for each, or type data.labels=null."
                )
            given[part] = Examples(values, y, {})
        return given

    def _from_file(self, path: Path) -> tuple[Array, str]:
        """Labels in a file of their own."""
        arrays = arrays_in(path, self.max_bytes, "data.labels")
        name = next(iter(arrays)) if len(arrays) == 1 else sorted_out(arrays, str(path)).labels.get("train")
        if name is None:
            raise UserError(f"{path} has {len(arrays)} arrays, none of which is called y or labels.")
        return arrays[name](), str(path)


def as_tensor(array: Array, where: str) -> Tensor:
    """The same memory as a tensor of a real type.

    Raises:
        UserError: it holds text, dates, complex numbers or the like, or must be copied and is memory-mapped.
    """
    if isinstance(array, Tensor):
        if array.dtype not in REAL:
            raise _no_numbers(array.dtype, where)
        return array
    if array.dtype.kind not in "biuf":
        raise _no_numbers(array.dtype, where)
    if array.dtype.isnative and array.dtype.itemsize <= 8:
        return torch.from_numpy(array)
    plain = np.dtype(f"{array.dtype.kind}{min(array.dtype.itemsize, 8)}")
    if isinstance(array, np.memmap):
        raise UserError(
            f"{where} is of type {array.dtype.str}, which must be copied into {plain.name}, but is too large for "
            f"data.max_memory; save it anew by np.save('x.npy', x.astype('{plain.name}'))."
        )
    return torch.from_numpy(array.astype(plain))


def _as_numpy(labels: Array) -> np.ndarray:
    if isinstance(labels, Tensor):  # numpy has no bfloat16
        return labels.float().numpy() if labels.dtype == torch.bfloat16 else labels.numpy()
    return labels


def _no_numbers(dtype: object, where: str) -> UserError:
    return UserError(
        f"{where} is of type {dtype}, and examples are real numbers or bool; save it as such, e.g. x.astype('float32')."
    )
