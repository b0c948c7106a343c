"""The example of a set that is nearest to each of some images."""

from typing import NamedTuple

import torch
from torch import Tensor

NUMBERS_AT_ONCE = 2**22
"""In the matrix of distances that is held at a time: 16 MB."""


class Nearest(NamedTuple):
    """For each image its nearest neighbour in a set."""

    place: Tensor
    """(B,) int64, where it lies in the set."""
    se: Tensor
    """(B,) float64, the squared distance summed over pixels and channels."""


def nearest(x: Tensor, among: Tensor) -> Nearest:
    """The nearest of `among` (N, *shape) to each of x (B, *shape), by squared distance in pixels.

    Neighbours are found through products, around the mean of the set, and their distances then taken by differences:
    that of an exact copy is 0.
    """
    middle = among.flatten(1).mean(0)
    x, among = x.flatten(1), among.flatten(1)
    centred = among - middle
    lengths = centred.square().sum(1)
    at_once = max(1, NUMBERS_AT_ONCE // len(among))
    place = torch.cat([(lengths - 2 * (part - middle) @ centred.T).argmin(1) for part in x.split(at_once)])
    pairs = zip(x.split(at_once), place.split(at_once), strict=True)
    return Nearest(place, torch.cat([(part - among[i]).double().square().sum(1) for part, i in pairs]))
