"""Small weights in the decoder."""

import torch
from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, full_precision
from src.errors import UserError
from src.regularizers.base import Regularizer


class DecoderL2(Regularizer):
    """sum_W ||W||_F^2 over the decoder's weight matrices W, ().

    Ghosh et al., "From variational to deterministic autoencoders", ICLR 2020 (RAE-L2), over weights without biases.
    """

    reads = frozenset()

    def check_capabilities(self, name: str, capabilities: frozenset[str]) -> None:
        if "shrink" not in capabilities:
            raise UserError(
                f"the term '{name}' would shrink the decoder's weights, but network=dictionary keeps their columns at "
                "length 1. Use another network, e.g. network=mlp."
            )

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        return torch.stack([full_precision(w).square().sum() for w in model.decoder_weights()]).sum()
