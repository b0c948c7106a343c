"""How many units are awake."""

from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, SparseCode
from src.regularizers.base import Regularizer


class UnitsAwake(Regularizer):
    """||z||_0, the units awake in each image, (B,); thresholds that are learned have an estimated gradient of it.

    Rajamanoharan et al., "Jumping ahead: improving reconstruction fidelity with JumpReLU sparse autoencoders", 2024.
    """

    needs = SparseCode

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        assert isinstance(out.code, SparseCode)  # `check` has refused every other code
        return out.code.awake.sum(1)
