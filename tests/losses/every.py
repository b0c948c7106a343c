"""Every loss with every kind of variance, and images to hold against each other."""

import torch
from torch import Tensor

from src.losses import (
    AbsoluteError,
    BernoulliLoss,
    ContinuousBernoulliLoss,
    GaussianLoss,
    HuberLoss,
    ReconstructionLoss,
    SquaredError,
    StructuralSimilarityMix,
)

SHAPE = (5, 2, 6, 4)
PIXELS = 48
LOSSES: dict[str, ReconstructionLoss] = {
    "bce": BernoulliLoss(),
    "mse": SquaredError(),
    "l1": AbsoluteError(),
    "huber": HuberLoss(0.5),
    "continuous_bernoulli": ContinuousBernoulliLoss(),
    "gaussian": GaussianLoss(std=0.3),
    "gaussian_global": GaussianLoss("global", std=0.3),
    "gaussian_per_pixel": GaussianLoss("per_pixel", std=0.3),
    "ssim_mse": StructuralSimilarityMix([0, 1], alpha=0.3),
}


def raw_and_image(loss: ReconstructionLoss, seed: int = 0, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """A decoder's output, as many channels as the loss asks for, and images in [0, 1]."""
    rng = torch.Generator().manual_seed(seed)
    b, c, *size = SHAPE
    raw = 3 * torch.randn(b, loss.raw_channels(c), *size, generator=rng)
    return raw.to(dtype), torch.rand(SHAPE, generator=rng).to(dtype)


def per_image(log_prob: Tensor) -> Tensor:
    return log_prob.flatten(1).sum(1)
