"""Small weights in the decoder."""

import torch
from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, full_precision
from src.regularizers.base import Regularizer


class DecoderL2(Regularizer):
    """sum_W ||W||_F^2 over the decoder's weight matrices W, ().

    Ghosh et al., "From variational to deterministic autoencoders", ICLR 2020 (RAE-L2), over weights without biases.
    """

    reads = frozenset()

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        return torch.stack([full_precision(w).square().sum() for w in model.decoder_weights()]).sum()
