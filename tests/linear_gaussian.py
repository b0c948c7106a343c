"""A model whose every density has a closed form: x = W z + b + noise, z ~ N(0, I)."""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import MultivariateNormal

from src.contracts import Batch
from src.losses import GaussianLoss
from src.models import ReconstructionModule
from tests.small_models import parts

SHAPE, D, STD = [1, 2, 3], 2, 0.5


class Toy(NamedTuple):
    model: ReconstructionModule
    marginal: MultivariateNormal
    """log p(x) of flattened images."""
    batch: Batch


def affine(part: nn.Module) -> nn.Linear:
    (only,) = [layer for layer in part.modules() if isinstance(layer, nn.Linear)]
    return only


def linear_gaussian(variant: Any, spread: float = 1.5, n: int = 4, repeated: int = 1, **dials: Any) -> Toy:
    """A variant whose posterior is the exact one (W's columns are orthogonal) with its deviations times `spread`.

    The batch has n images, each `repeated` times with noise of its own.
    """
    rng = torch.Generator().manual_seed(1)
    w = torch.linalg.qr(torch.randn(6, D, generator=rng, dtype=torch.float64)).Q * torch.tensor([0.7, 1.3])
    b = torch.rand(6, generator=rng, dtype=torch.float64)
    model = variant(latent_dim=D, **dials, **parts(shape=SHAPE, loss=GaussianLoss(std=STD))).double().eval()
    precision = w.T @ w / STD**2 + torch.eye(D)
    back = torch.linalg.solve(precision, w.T) / STD**2
    log_variance = 2 * math.log(spread) - precision.diagonal().log()
    with torch.no_grad():
        there, forth = affine(model.network.encoder), affine(model.network.decoder)
        there.weight.copy_(torch.cat([back, torch.zeros_like(back)]))
        there.bias.copy_(torch.cat([-back @ b, log_variance]))
        forth.weight.copy_(w)
        forth.bias.copy_(b)
    marginal = MultivariateNormal(b, w @ w.T + STD**2 * torch.eye(6))
    x: Tensor = marginal.mean + torch.randn(n, 6, generator=rng, dtype=torch.float64)
    x = x.view(n, *SHAPE).repeat(repeated, 1, 1, 1)
    return Toy(model, marginal, Batch(x, torch.full((len(x),), -1), torch.arange(len(x))))
