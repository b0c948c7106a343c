"""Which units of a code have gone silent."""

import torch
from torch import Tensor, distributed, nn


class DeadUnits(nn.Module):
    """Counts for each unit the training images since one last woke it; a unit is dead from `dead_after` on.

    The count is of all processes together and stands in the checkpoint, so a resumed run goes on counting.
    """

    silent_for: Tensor
    """(D,) int64, images."""

    def __init__(self, units: int, dead_after: int) -> None:
        super().__init__()
        self.dead_after = dead_after
        self.register_buffer("silent_for", torch.zeros(units, dtype=torch.int64))

    @property
    def dead(self) -> Tensor:
        """(D,) bool"""
        return self.silent_for >= self.dead_after

    def note(self, awake: Tensor) -> None:
        """Count the images of a batch; awake (B, D), not 0 where an image woke a unit."""
        woken, images = (awake != 0).any(0).long(), len(awake)
        if distributed.is_available() and distributed.is_initialized():
            distributed.all_reduce(woken, op=distributed.ReduceOp.MAX)
            images *= distributed.get_world_size()
        self.silent_for.add_(images).mul_(1 - woken)
