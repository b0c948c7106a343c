"""The divergence of categorical variables from the uniform prior."""

from torch import Tensor

from src.contracts import Autoencoding, CategoricalCode, Reconstruction
from src.regularizers.base import Regularizer


class CategoricalKL(Regularizer):
    """KL(q(z|x) || uniform) = sum_v (log C + sum_c p_vc log p_vc) of variables of C categories, in nats, (B,).

    Jang, Gu & Poole, "Categorical reparameterization with Gumbel-softmax", ICLR 2017: of the variables themselves, not
    of their relaxed samples.
    """

    needs = CategoricalCode

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        assert isinstance(out.code, CategoricalCode)  # `check` has refused every other code
        return out.code.kl.sum(1)
