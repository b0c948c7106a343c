"""Units that do not repeat each other."""

from torch import Tensor

from src.contracts import Noise
from src.regularizers.over_batch import OverBatch


class Decorrelation(OverBatch):
    """sum_{i<j} C_ij^2, C (D, D) the covariance of the code's units over the batch (divided by B), ().

    Cogswell et al., "Reducing overfitting in deep networks by decorrelating representations", ICLR 2016. Their
    (||C||_F^2 - ||diag C||^2) / 2 is the same number. Small codes have a small covariance: where nothing else holds the
    scale of the code it can escape by shrinking, which `TotalCorrelation` does not reward. One image has covariance 0.
    """

    def measure(self, z: Tensor, noise: Noise) -> Tensor:
        centred = z - z.mean(0)
        # ||C||_F^2 is the same for both products: the smaller one, so that a code of any width costs little
        product = centred.T @ centred if z.shape[1] <= len(z) else centred @ centred.T
        variances = centred.square().mean(0)
        return 0.5 * ((product / len(z)).square().sum() - variances.square().sum())
