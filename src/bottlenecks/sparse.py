"""What every bottleneck is that lets few units speak."""

import torch
from torch import Tensor

from src.bottlenecks.base import Bottleneck
from src.bottlenecks.dead_units import DeadUnits
from src.contracts import Code, SparseCode


class Sparse(Bottleneck):
    """z = answers * awake: features give the answers, a subclass says which units are awake.

    Args:
        dead_after: a unit that no training image has woken for so many images counts as dead.
    """

    code_type = SparseCode

    def __init__(self, latent_dim: int, dead_after: int) -> None:
        super().__init__(latent_dim, latent_dim)
        self.units = DeadUnits(latent_dim, dead_after)

    def watch(self, code: Code) -> dict[str, Tensor]:
        assert isinstance(code, SparseCode)
        if self.training:
            self.units.note(code.awake.detach())
        return {"dead_units": self.units.dead.float().mean()}

    def slope(self, code: Code) -> Tensor | None:
        assert isinstance(code, SparseCode)
        return code.awake.detach()


def strongest(answers: Tensor, k: int) -> Tensor:
    """1 at the k largest of each row (N, D), 0 elsewhere."""
    places = answers.detach().topk(k, dim=1, sorted=False).indices
    return torch.zeros_like(answers).scatter(1, places, 1.0)
