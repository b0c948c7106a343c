"""What every term over the codes of a batch is."""

from abc import abstractmethod

import torch
from torch import Tensor

from src.contracts import Autoencoding, Noise, Reconstruction, full_precision
from src.regularizers.base import Regularizer


class OverBatch(Regularizer):
    """A term over the codes of a batch, (), for which each code is one vector: feature maps are flattened.

    A stochastic code is measured as it was drawn, so over a batch it stands for the aggregate posterior. The batch is
    one process's: under DDP each process measures its own codes and the gradients are averaged.
    """

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        z = full_precision(out.code.z).flatten(1)
        with torch.autocast(z.device.type, enabled=False):  # it would multiply matrices in half precision
            return self.measure(z, out.noise)

    @abstractmethod
    def measure(self, z: Tensor, noise: Noise) -> Tensor:
        """The unweighted term of codes z (B, D), (); finite for a single code too."""
