"""Weights that keep lengths and angles."""

import torch
from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, full_precision
from src.regularizers.base import Regularizer


class Orthogonal(Regularizer):
    """sum_W ||W W^T - I||_F^2 over the encoder's weight matrices W (out, in), ||W^T W - I||_F^2 for a tall one, ().

    Brock et al., "Neural photo editing with introspective adversarial networks", ICLR 2017; squared as in Bansal,
    Chen & Wang, "Can we gain more from orthogonality regularizations in training deep networks?", NeurIPS 2018. Of the
    two products the smaller is taken, because the larger one cannot be the identity. Kernels of convolutions are
    flattened: a row for each output channel.
    """

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        with torch.autocast(out.seen.device.type, enabled=False):
            return torch.stack([deviation(full_precision(w)) for w in model.encoder_weights()]).sum()


def deviation(w: Tensor) -> Tensor:
    """The squared Frobenius distance of W W^T or W^T W, whichever is smaller, from the identity, ()."""
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    return (product - torch.eye(len(product)).to(product)).square().sum()
