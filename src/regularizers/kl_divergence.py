"""The divergence of a Gaussian posterior from the standard normal prior."""

from torch import Tensor

from src.contracts import Autoencoding, GaussianCode, Reconstruction
from src.regularizers.base import Regularizer


class KLDivergence(Regularizer):
    """KL(q(z|x) || N(0, I)) = 0.5 * sum_j (std_j^2 + mean_j^2 - log std_j^2 - 1), in nats, (B,).

    Kingma & Welling, "Auto-Encoding Variational Bayes", 2014, appendix B.
    """

    needs = GaussianCode

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        assert isinstance(out.code, GaussianCode)  # `check` has refused every other code
        return out.code.kl.sum(1)
