"""The divergence of any posterior from any prior, at the code that was drawn."""

from collections.abc import Callable

from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, StochasticCode
from src.regularizers.base import Regularizer
from src.schedules import Weight


class SampledKL(Regularizer):
    """log q(z|x) - log p(z) at the drawn z, in nats, (B,): below 0 at times, on average KL(q(z|x) || p(z)).

    Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014, equation 6: for posteriors and priors whose
    divergence has no closed form. Unlike that of a closed form its value in one pass is not of the code at its mean.

    Args:
        log_prior: log p(z) of z (B, D), e.g. a prior's `log_prob`; what it belongs to stays the model's.
    """

    needs = StochasticCode

    def __init__(self, weight: Weight, log_prior: Callable[[Tensor], Tensor]) -> None:
        super().__init__(weight)
        self.log_prior = log_prior

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        assert isinstance(out.code, StochasticCode)  # `check` has refused every other code
        return out.code.log_q - self.log_prior(out.code.z)
