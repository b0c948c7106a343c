"""The planar flow."""

import math

from torch import Tensor
from torch.nn import functional as F

from src.flows.base import Flow

_STEEPEST = 0.999
"""w . u stays above minus this: at -1 a step would press the space flat, and log |det| be minus infinity."""
_TINY = 1e-12


class Planar(Flow):
    """z_t = z_{t-1} + u_t tanh(w_t . z_{t-1} + b_t), and log |det| = sum_t log(1 + w_t . u_t tanh'(...)).

    Rezende & Mohamed, "Variational inference with normalizing flows", ICML 2015. All of u, w, b are told by the encoder
    for each image, as theirs are. A step is invertible where w . u > -1, so u is moved along w until w . u is m(w . u)
    (their appendix A.1). Their m(a) = softplus(a) - 1 moves even a step of u = 0 by any length; here
    m(a) = 0.999 (softplus(a + log(e - 1)) - 1), the same but for m(0) = 0, so that a step of
    u = 0 does nothing and one of w = 0 only moves by u tanh(b).

    Args:
        steps: how many such maps follow one another.
    """

    def __init__(self, latent_dim: int, steps: int) -> None:
        super().__init__(latent_dim, steps * (2 * latent_dim + 1))
        self.steps = steps

    def flowed(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        log_det = z.new_zeros(z.shape[:-1])
        for step in context.chunk(self.steps, dim=-1):
            u, w, b = step.split([self.latent_dim, self.latent_dim, 1], dim=-1)
            along = (w * u).sum(-1, keepdim=True)
            kept = _STEEPEST * (F.softplus(along + math.log(math.e - 1)) - 1)
            u = u + (kept - along) * w / (w.square().sum(-1, keepdim=True) + _TINY)
            bent = ((w * z).sum(-1, keepdim=True) + b).tanh()
            z = z + u * bent
            log_det = log_det + (kept * (1 - bent.square())).log1p().squeeze(-1)
        return z, log_det
