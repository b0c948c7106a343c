"""The inverse autoregressive flow."""

from torch import Tensor, nn
from torch.nn import functional as F

from src.flows.base import Flow
from src.flows.masked import MaskedNetwork

_CONTEXT = 64
_HIDDEN = 128
_OPEN = 2.0
"""What is added to a gate before its sigmoid: a flow starts as one that lets nearly everything through."""


class InverseAutoregressive(Flow):
    """z_t = s_t * z_{t-1} + (1 - s_t) * m_t, s_t = sigmoid(g_t), (m_t, g_t) = MADE_t(z_{t-1}, context).

    Kingma et al., "Improved variational inference with inverse autoregressive flow", NeurIPS 2016, in the gated form of
    their algorithm 1. m_t and s_t of number i depend on the numbers before it, so the Jacobian is triangular and
    log |det| = sum_t sum_i log s_ti, taken as logsigmoid(g): finite where s itself is 0 in float32. The order of the
    numbers is reversed from step to step.

    Args:
        steps: how many such maps follow one another.
    """

    def __init__(self, latent_dim: int, steps: int) -> None:
        super().__init__(latent_dim, _CONTEXT)
        hidden = max(_HIDDEN, 2 * latent_dim)
        self.steps = nn.ModuleList(MaskedNetwork(latent_dim, _CONTEXT, hidden, outputs=2) for _ in range(steps))

    def flowed(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        log_det = z.new_zeros(z.shape[:-1])
        for step in self.steps:
            m, gate = step(z, context)
            s = (gate + _OPEN).sigmoid()
            z = (m + s * (z - m)).flip(-1)
            log_det = log_det + F.logsigmoid(gate + _OPEN).sum(-1)
        return z, log_det
