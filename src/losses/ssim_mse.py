"""The squared error mixed with the similarity of structure."""

import math

from torch import Tensor

from src.contracts import full_precision
from src.errors import UserError
from src.losses.base import ReconstructionLoss
from src.metrics.reconstruction import ssim_sigma
from src.metrics.structural_similarity import structural_similarity
from src.ranges import Fraction, ValueRange


class StructuralSimilarityMix(ReconstructionLoss):
    """(1 - alpha) sum_i (x_i - raw_i)^2 + alpha * pixels * width^2 * (1 - SSIM(x, raw)), width of the data's range.

    SSIM compares mean, contrast and correlation in windows: Wang et al., "Image quality assessment: from error
    visibility to structural similarity", IEEE TIP 2004; the window is that of the figure `ssim`. Mixed with a plain
    error as in Zhao et al., "Loss functions for image restoration with neural networks", IEEE TCI 2017. The factor of
    the second term puts both into the unit of the squared error, so that alpha means the same at every size and range.

    Args:
        alpha: share of the similarity.
        range: the lowest and the highest value of a pixel; None where there are none is refused.

    Raises:
        UserError: the range has no ends, or the examples are no images of at least 3 x 3 pixels.
    """

    def __init__(self, range: ValueRange | None, alpha: Fraction = 0.1) -> None:
        super().__init__()
        if range is None:
            raise UserError("loss=ssim_mse is measured by the width of data.range, and null has none. Use loss=mse.")
        self.alpha, self.low, self.width = alpha, float(range[0]), float(range[1] - range[0])

    def check_shape(self, shape: tuple[int, ...]) -> None:
        if ssim_sigma(shape) is None:
            raise UserError(
                "loss=ssim_mse compares windows of images [channels, height, width] of at least 3 x 3 pixels, but "
                f"data.shape is {list(shape)}. Use loss=mse."
            )

    def forward(self, raw: Tensor, x: Tensor) -> Tensor:
        sigma = ssim_sigma(tuple(x.shape[1:]))
        assert sigma is not None, "check_shape refuses such images"
        x_hat, x = ((full_precision(t) - self.low) / self.width for t in (raw, x))  # black is 0 and white is 1
        error = (x_hat - x).square().flatten(1).sum(1)
        unlike = math.prod(x.shape[1:]) * (1 - structural_similarity(x_hat, x, sigma))
        return self.width**2 * ((1 - self.alpha) * error + self.alpha * unlike)
