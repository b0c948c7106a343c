"""A stratified cut of one set of images into two."""

import torch
from torch import Tensor

from src.data.seeds import generator_for


def cut(labels: Tensor, fraction: float, seed: int) -> tuple[Tensor, Tensor]:
    """The indices of (the rest, the part cut out), each in ascending order.

    Every class gives the same share, up to one image; which of its images is drawn by `seed`. Neither side is empty.

    Args:
        labels: (N,) int64, N >= 2; images without labels (-1) count as one class.
        fraction: the part's share of the N images, in (0, 1).
    """
    n = len(labels)
    size = min(max(round(n * fraction), 1), n - 1)
    shuffled = torch.randperm(n, generator=generator_for("split", seed))
    by_class = shuffled[labels[shuffled].argsort(stable=True)]
    # evenly spaced places in a list that is sorted by class, shuffled within each
    places = ((torch.arange(size, dtype=torch.float64) + 0.5) * n / size).long()
    taken = torch.zeros(n, dtype=torch.bool)
    taken[by_class[places]] = True
    return (~taken).nonzero()[:, 0], taken.nonzero()[:, 0]
