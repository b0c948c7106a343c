"""The code of which each image wakes k units."""

from torch import Tensor

from src.bottlenecks.sparse import Sparse, strongest
from src.contracts import SparseCode, full_precision
from src.errors import UserError


class TopK(Sparse):
    """The k largest features of an image are its code, the others are 0 (Makhzani & Frey 2014).

    Args:
        k: how many.
        dead_after: a unit that no training image has woken for so many images counts as dead.

    Raises:
        UserError: there are fewer than k units.
    """

    def __init__(self, latent_dim: int, k: int, dead_after: int) -> None:
        check(k, latent_dim)
        super().__init__(latent_dim, dead_after)
        self.k = k

    def forward(self, features: Tensor) -> SparseCode:
        answers = full_precision(features)
        awake = strongest(answers, self.k)
        return SparseCode(answers * awake, answers, awake, self.units.dead)

    def code_size(self, grid: tuple[int, int] | None) -> int:
        return self.k


def check(k: int, latent_dim: int) -> None:
    """Raises UserError where a code of `latent_dim` units has no k to wake."""
    if k > latent_dim:
        raise UserError(
            f"model.k={k} units cannot be awake where model.latent_dim={latent_dim}. "
            f"Use model.k={max(1, latent_dim // 4)} or another number up to {latent_dim}, or a wider code, "
            f"e.g. model.latent_dim={16 * k}."
        )
