"""Weights that stretch no direction much."""

import torch
from torch import Tensor
from torch.nn import functional as F

from src.contracts import Autoencoding, Reconstruction, full_precision
from src.ranges import PositiveInt
from src.regularizers.base import Regularizer
from src.schedules import Weight


class Spectral(Regularizer):
    """sum_W s(W)^2 over the encoder's weight matrices W (out, in), s the largest singular value, ().

    Yoshida & Miyato, "Spectral norm regularization for improving the generalizability of deep learning", 2017 (without
    its half). By power iteration from a start that is always the same, so that the value follows from the weights
    alone; it comes near from below. Kernels of convolutions are flattened: a row for each output channel.

    Args:
        iterations: steps of the power iteration.
    """

    def __init__(self, weight: Weight, iterations: PositiveInt = 20) -> None:
        super().__init__(weight)
        self.iterations = iterations

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        with torch.autocast(out.seen.device.type, enabled=False):
            weights = [full_precision(w) for w in model.encoder_weights()]
            return torch.stack([largest_singular_value_squared(w, self.iterations) for w in weights]).sum()


def largest_singular_value_squared(w: Tensor, iterations: int) -> Tensor:
    """||W v||^2, v the direction of unit length that W (out, in) stretches most, ()."""
    with torch.no_grad():  # at the maximum v does not move to first order, so the gradient needs no path through it
        v = torch.arange(1.0, w.shape[1] + 1, dtype=torch.float64, device=w.device).square().sin().to(w)
        for _ in range(iterations):
            v = F.normalize(w.T @ (w @ v), dim=0)
    return (w @ v).square().sum()
