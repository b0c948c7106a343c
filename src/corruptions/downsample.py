"""Fewer pixels, brought back to the size there was: what super-resolution undoes."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption
from src.corruptions.separable import along_axes
from src.errors import UserError
from src.ranges import PositiveInt


class Downsample(Corruption):
    """The mean of each block of `factor` x `factor` pixels, enlarged to the size there was.

    The last blocks are what is left where a side is no multiple of the factor. Series are averaged along their length.
    There is no randomness in it.

    Args:
        factor: by which each side shrinks.
        back: "nearest" repeats a block's mean, "bilinear" draws straight lines between the middles of blocks.

    Raises:
        UserError: a side is shorter than `factor`.
    """

    config_name = "downsample"
    works_on = (2, 3)

    def __init__(self, factor: PositiveInt, back: Literal["nearest", "bilinear"] = "nearest") -> None:
        super().__init__()
        self.factor, self.back = factor, back

    def check(self, shape: Sequence[int]) -> None:
        super().check(shape)
        if self.factor > min(shape[1:]):
            raise UserError(
                f"corruption.downsample.factor={self.factor} leaves nothing of examples of {list(shape)}. "
                f"Use {min(shape[1:])} or less."
            )

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        return along_axes(x, self._there_and_back), None

    def _there_and_back(self, places: Tensor) -> Tensor:
        block = (places / self.factor).floor()
        blocks = torch.arange(-(-len(places) // self.factor), device=places.device)
        inside = (block == blocks[:, None]).to(places.dtype)
        averaged = inside / inside.sum(1, keepdim=True)  # (blocks, places)
        if self.back == "nearest":
            return inside.T @ averaged
        at = ((places + 0.5) / self.factor - 0.5).clamp(0, len(blocks) - 1)  # in blocks, from the first one's middle
        return (1 - (at[:, None] - blocks).abs()).clamp(min=0) @ averaged
