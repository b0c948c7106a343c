"""An encoder that stays by the entries it chooses."""

from typing import ClassVar

from torch import Tensor

from src.contracts import Autoencoding, Code, DiscreteCode, Reconstruction
from src.regularizers.base import Regularizer


class Commitment(Regularizer):
    """||f - e||^2 of each image, (B,), summed over places and channels: features f, their nearest entries e held fixed.

    van den Oord, Vinyals & Kavukcuoglu, "Neural discrete representation learning", NIPS 2017.
    """

    needs: ClassVar[type[Code]] = DiscreteCode

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        assert isinstance(out.code, DiscreteCode)  # `check` has refused every other code
        return (out.code.features - out.code.nearest.detach()).square().flatten(1).sum(1)
