"""Out of focus."""

from torch import Tensor

from src.contracts import Noise
from src.corruptions.base import Corruption
from src.corruptions.separable import along_axes
from src.corruptions.strength import Strength
from src.schedules import Weight


class Blur(Corruption):
    """Each pixel becomes the mean of its surroundings, weighted by a Gaussian; near the border, of what there is.

    Rows and columns are averaged one after the other, series along their length. There is no randomness in it.

    Args:
        std: of the Gaussian in pixels, a number or a schedule; 0 leaves images as they are.
    """

    config_name = "blur"
    works_on = (2, 3)

    def __init__(self, std: Weight) -> None:
        super().__init__()
        self.std = Strength("corruption.blur.std", std)

    def forward(self, x: Tensor, noise: Noise) -> tuple[Tensor, None]:
        return along_axes(x, self._weights), None

    def _weights(self, places: Tensor) -> Tensor:
        sq_distance = (places[:, None] - places).square()
        weights = (-sq_distance / (2 * self.std.now**2 + 1e-6)).exp()  # not divided by 0: std 0 is the identity
        return weights / weights.sum(1, keepdim=True)
