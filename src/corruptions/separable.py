"""Linear maps that act on each axis by itself."""

from collections.abc import Callable

import torch
from torch import Tensor

from src.contracts import full_precision


def along_axes(x: Tensor, matrix: Callable[[Tensor], Tensor]) -> Tensor:
    """Multiply x (B, C, *sides) along each side, in single precision or wider whatever autocast says.

    Args:
        matrix: for the places 0, 1, ..., n - 1 of a side, (n, n), each row what one place becomes.
    """
    y = full_precision(x)
    with torch.autocast(x.device.type, enabled=False):
        for axis in range(2, x.dim()):
            places = torch.arange(x.shape[axis], device=x.device, dtype=y.dtype)
            y = (y.movedim(axis, -1) @ matrix(places).T).movedim(-1, axis)
    return y.to(x.dtype)
