"""Reconstruction losses: raw decoder output against the image, one number per image, summed over pixels.

`x_hat = image(raw)` is what every metric and picture reads. Nothing here takes a mean: the mean over the batch is
taken once, in `LossBreakdown`.
"""

from src.losses.absolute_error import AbsoluteError
from src.losses.base import Likelihood, PixelLoss, ReconstructionLoss
from src.losses.bernoulli import BernoulliLoss
from src.losses.continuous_bernoulli import ContinuousBernoulliLoss
from src.losses.gaussian import GaussianLoss
from src.losses.huber import HuberLoss
from src.losses.squared_error import SquaredError
from src.losses.ssim_mse import StructuralSimilarityMix

__all__ = [
    "AbsoluteError",
    "BernoulliLoss",
    "ContinuousBernoulliLoss",
    "GaussianLoss",
    "HuberLoss",
    "Likelihood",
    "PixelLoss",
    "ReconstructionLoss",
    "SquaredError",
    "StructuralSimilarityMix",
]
