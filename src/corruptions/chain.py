"""Several corruptions, one after another."""

from collections.abc import Sequence

from torch import Tensor, nn

from src.contracts import Noise
from src.corruptions.base import Corruption


class Chain(Corruption):
    """Corruptions in the order given; a value is kept where each of them kept it."""

    def __init__(self, corruptions: Sequence[Corruption]) -> None:
        super().__init__()
        self.corruptions = nn.ModuleList(corruptions)

    def check(self, shape: Sequence[int]) -> None:
        for corruption in self.corruptions:
            corruption.check(shape)  # type: ignore[operator]  # a ModuleList forgets what it holds

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, Tensor | None]:
        kept: Tensor | None = None
        for corruption in self.corruptions:
            x, mask = corruption(x, noise)
            if mask is not None:
                kept = mask if kept is None else kept & mask
        return x, kept
