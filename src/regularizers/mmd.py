"""How far the codes of a batch are from the standard normal distribution, by a kernel."""

from collections.abc import Callable

from torch import Tensor

from src.contracts import Noise
from src.regularizers.kernels import KERNELS, Kernel
from src.regularizers.over_batch import OverBatch
from src.schedules import Weight


class MaximumMeanDiscrepancy(OverBatch):
    """MMD^2 = E k(z, z') + E k(p, p') - 2 E k(z, p) of codes z and as many draws p from N(0, I), ().

    Gretton et al., "A kernel two-sample test", JMLR 2012; as a penalty on codes Tolstikhin et al., "Wasserstein
    auto-encoders", ICLR 2018. The unbiased estimate: pairs of one code with itself are left out, so it is 0 on average,
    and below 0 at times, where the codes are normal. A batch of one image has no pairs and counts 0.

    Args:
        kernel: "imq", inverse multiquadratics at seven scales, or "rbf", one Gaussian (`src/regularizers/kernels.py`).
    """

    def __init__(self, weight: Weight, kernel: Kernel = "imq") -> None:
        super().__init__(weight)
        self.kernel = kernel

    def measure(self, z: Tensor, noise: Noise) -> Tensor:
        return squared_mmd(z, noise.normal(z), KERNELS[self.kernel])


def squared_mmd(a: Tensor, b: Tensor, kernel: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The unbiased MMD^2 of samples a (n, D) and b (m, D), (); 0 where one of them has fewer than two rows."""
    if min(len(a), len(b)) < 2:
        return a.new_zeros(())
    return _between_pairs(kernel(a, a)) + _between_pairs(kernel(b, b)) - 2 * kernel(a, b).mean()


def _between_pairs(k: Tensor) -> Tensor:
    """The mean of k (n, n) off its diagonal."""
    return (k.sum() - k.diagonal().sum()) / (len(k) * (len(k) - 1))
