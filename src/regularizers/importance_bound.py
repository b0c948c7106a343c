"""The importance-weighted bound on the likelihood."""

import math

import torch
from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, StochasticCode
from src.ranges import PositiveInt
from src.regularizers.base import Regularizer
from src.schedules import Weight


class ImportanceWeightedBound(Regularizer):
    """-log 1/k sum_i w_i in nats, (B,),  w_i = p(x|z_i) p(z_i) / q(z_i|seen),  z_i ~ q(z|seen).

    Burda, Grosse & Salakhutdinov, "Importance weighted autoencoders", ICLR 2016. On average at least -log p(x), and
    nearer to it for each further sample; k = 1 is the bound of the VAE. The pass's own sample is the first of the k,
    the others are decoded together. It holds the reconstruction itself.

    Args:
        samples: k.
    """

    needs = StochasticCode

    def __init__(self, weight: Weight = 1.0, samples: PositiveInt = 5) -> None:
        super().__init__(weight)
        self.samples = samples

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        code = out.code
        assert isinstance(code, StochasticCode)  # `check` has refused every other code
        log_w = model.log_joint(out.x, code.z[None], out.y, out.raw) - code.log_q
        if self.samples > 1:
            z, log_q = code.rsample(self.samples - 1, out.noise)
            log_w = torch.cat([log_w, model.log_joint(out.x, z, out.y) - log_q])
        return math.log(self.samples) - log_w.logsumexp(0)
