"""The code of which a batch wakes k units an image, shared out among its images as they need them."""

from dataclasses import dataclass

import torch
from torch import Tensor, distributed

from src.bottlenecks.sparse import Sparse, strongest
from src.bottlenecks.topk import check
from src.contracts import Code, Noise, SparseCode, full_precision

REMEMBERED = 100
"""Batches whose smallest answers make the threshold."""


@dataclass(frozen=True)
class Competing(SparseCode):
    """A code whose images compete for k * B units where a loss is taken."""

    k: int

    def drawn(self, noise: Noise) -> SparseCode:
        awake = strongest(self.answers.reshape(1, -1), self.k * len(self.answers)).view_as(self.answers)
        return SparseCode(self.answers * awake, self.answers, awake, self.dead)


class BatchTopK(Sparse):
    """In training the k * B largest features of a batch are awake; elsewhere those above a threshold.

    The threshold is the mean, over the last 100 training batches, of the smallest feature that was awake, so that the
    code of an image does not depend on the others (Bussmann, Leask & Nanda 2024). `forward` goes by it always; it is
    `drawn`, in a training pass, that lets images compete.

    Args:
        k: how many units of an image are awake on average.
        dead_after: a unit that no training image has woken for so many images counts as dead.

    Raises:
        UserError: there are fewer than k units.
    """

    smallest: Tensor
    """(100,), the smallest awake feature of each of the last batches."""
    batches: Tensor
    """(), how many there were."""

    def __init__(self, latent_dim: int, k: int, dead_after: int) -> None:
        check(k, latent_dim)
        super().__init__(latent_dim, dead_after)
        self.k = k
        # all of them rather than a moving average, which would stand still where weights have half precision
        self.register_buffer("smallest", torch.zeros(REMEMBERED))
        self.register_buffer("batches", torch.zeros((), dtype=torch.int64))

    @property
    def threshold(self) -> Tensor:
        """(), 0 before the first batch."""
        return self.smallest.float().sum() / self.batches.clamp(1, REMEMBERED)

    def forward(self, features: Tensor) -> SparseCode:
        answers = full_precision(features)
        awake = (answers > self.threshold).to(answers.dtype)
        parts = answers * awake, answers, awake, self.units.dead
        return Competing(*parts, self.k) if self.training else SparseCode(*parts)

    def watch(self, code: Code) -> dict[str, Tensor]:
        assert isinstance(code, SparseCode)
        if self.training:
            self._remember(code.answers.detach().masked_fill(code.awake == 0, float("inf")).min())
        return super().watch(code) | {"awake": code.awake.detach().sum(1)}

    def _remember(self, smallest: Tensor) -> None:
        if distributed.is_available() and distributed.is_initialized():
            distributed.all_reduce(smallest)
            smallest = smallest / distributed.get_world_size()
        place = (self.batches % REMEMBERED)[None]
        self.smallest.index_copy_(0, place, smallest[None].to(self.smallest.dtype))
        self.batches.add_(1)

    def code_size(self, grid: tuple[int, int] | None) -> int:
        return self.k
