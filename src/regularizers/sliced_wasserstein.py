"""How far the codes of a batch are from the standard normal distribution, along random lines."""

import math

from torch import Tensor
from torch.nn import functional as F

from src.contracts import Noise
from src.ranges import PositiveInt
from src.regularizers.over_batch import OverBatch
from src.schedules import Weight


class SlicedWasserstein(OverBatch):
    """mean_t W_2^2(t'z, t'p) over random unit vectors t, of codes z and as many draws p from N(0, I), ().

    Kolouri et al., "Sliced Wasserstein auto-encoders", ICLR 2019. On a line the squared distance is that of sorted
    values, mean_i (t'z_(i) - t'p_(i))^2. Too large by what two samples of the batch's size differ by chance.

    Args:
        projections: how many directions t are drawn for each batch.
    """

    def __init__(self, weight: Weight, projections: PositiveInt = 50) -> None:
        super().__init__(weight)
        self.projections = projections

    def measure(self, z: Tensor, noise: Noise) -> Tensor:
        prior = noise.normal(z)
        per_image = math.ceil(self.projections / len(z))  # noise comes by image; a direction belongs to none
        drawn = noise.normal(z.new_empty(len(z), per_image, z.shape[1])).flatten(0, 1)[: self.projections]
        return sliced_distance(z, prior, F.normalize(drawn, dim=1))


def sliced_distance(a: Tensor, b: Tensor, directions: Tensor) -> Tensor:
    """The mean of W_2^2 over directions (P, D) of unit length, of samples a and b (n, D), ()."""
    along = [(samples @ directions.T).sort(dim=0).values for samples in (a, b)]
    return (along[0] - along[1]).square().mean()
