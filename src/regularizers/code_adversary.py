"""A critic that tells codes from draws of the prior."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from src.contracts import Reconstruction
from src.regularizers.adversary import Adversary
from src.schedules import Weight


class CodeAdversary(Adversary):
    """Real is a draw from N(0, I), fake the code of an image: Makhzani et al., "Adversarial autoencoders", 2016.

    Args:
        critic: what it is given -> (B,).
        told: codes (B, D) and classes (B,) -> what the critic is given, which tells it both; then the codes of each
            class by themselves are drawn to the prior. None where it is given the codes alone.
    """

    def __init__(
        self,
        weight: Weight,
        critic: nn.Module,
        told: Callable[[Tensor, Tensor], Tensor] | None = None,
        **contest: Any,
    ) -> None:
        super().__init__(weight, critic, **contest)
        self._told = told

    def real(self, out: Reconstruction) -> Tensor:
        return out.noise.normal(out.code.z)

    def fake(self, out: Reconstruction) -> Tensor:
        return out.code.z

    def judged(self, examples: Tensor, out: Reconstruction) -> Tensor:
        return super().judged(examples if self._told is None else self._told(examples, out.y), out)
