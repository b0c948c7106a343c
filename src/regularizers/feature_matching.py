"""How far a reconstruction is from its image, as a critic sees them."""

from collections.abc import Callable

from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, full_precision
from src.regularizers.base import Regularizer
from src.schedules import Weight


class FeatureMatching(Regularizer):
    """sum_j (h_j(x) - h_j(x_hat))^2 / 2 over the units h of a hidden layer of a critic, (B,).

    Larsen et al., "Autoencoding beyond pixels using a learned similarity metric", ICML 2016: up to a constant the
    negative log-likelihood of N(h(x); h(x_hat), I). The model's step sees the critic fixed.

    Args:
        features: images (B, *shape) -> a hidden layer of the critic, (B, ...).
    """

    def __init__(self, weight: Weight, features: Callable[[Tensor], Tensor]) -> None:
        super().__init__(weight)
        self.features = features

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        real, made = (full_precision(self.features(images)) for images in (out.x, out.x_hat))
        return 0.5 * (real - made).flatten(1).square().sum(1)
