"""Shapes with known factors, made on the spot: what a code should find is known."""

from typing import Unpack

import torch

from src.data.examples import Examples
from src.data.images.shapes import KINDS, SYMMETRY, draw
from src.data.module import DataModule, Dials
from src.data.seeds import generator_for
from src.errors import UserError
from src.ranges import PositiveInt

CENTRE = (0.3, 0.7)
SCALE = (0.12, 0.28)
"""With these two every shape lies within its picture."""


class Synthetic(DataModule):
    """One square, ellipse or triangle a picture, after dSprites (Matthey et al. 2017), at any size, grey or in colour.

    The kind is the label. `ExampleSet.factors` holds what each picture was made from (see `draw`): kind, x, y, scale,
    rotation, and hue with three channels. All are independent and uniform, rotation within the turn that brings the
    kind onto itself, so that no two rotations look the same. Everything follows from `split_seed`. Other parameters:
    `DataModule`.

    Args:
        shape: [1, height, width], or [3, height, width] for colour.
        n_train, n_val, n_test: how many pictures of each set.

    Raises:
        UserError: the shape is no such shape.
    """

    class_names = tuple(KINDS)

    def __init__(
        self,
        *,
        n_train: PositiveInt = 10_000,
        n_val: PositiveInt = 1_000,
        n_test: PositiveInt = 2_000,
        **dials: Unpack[Dials],
    ) -> None:
        super().__init__(**dials)
        if len(self.shape) != 3 or self.shape[0] not in (1, 3):
            raise UserError(
                f"data.shape={list(self.shape)}: synthetic pictures have 1 channel (grey) or 3 (colour); "
                "type for example 'data.shape=[1,28,28]' or 'data.shape=[3,32,32]'."
            )
        self.sizes = {"train": n_train, "val": n_val, "test": n_test}

    def load(self) -> tuple[Examples, Examples, Examples]:
        """Draw the three sets, each from a generator of its own."""
        train, val, test = (self._draw(name, n) for name, n in self.sizes.items())
        return train, val, test

    def _draw(self, name: str, n: int) -> Examples:
        channels, height, width = self.shape
        generator = generator_for("synthetic", name, self.split_seed)
        kind = torch.randint(len(KINDS), (n,), generator=generator)
        x, y, scale, turn, hue = torch.rand(5, n, generator=generator)
        factors = {
            "kind": kind,
            "x": CENTRE[0] + (CENTRE[1] - CENTRE[0]) * x,
            "y": CENTRE[0] + (CENTRE[1] - CENTRE[0]) * y,
            "scale": SCALE[0] + (SCALE[1] - SCALE[0]) * scale,
            "rotation": turn * torch.tensor(SYMMETRY)[kind],
        }
        if channels == 3:
            factors["hue"] = hue
        return Examples(draw(factors, (channels, height, width)), kind, factors)
