"""How likely a model with a density finds images."""

import math
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor

from src.contracts import Autoencoding, Noise, StochasticCode

Number = TypeVar("Number", float, Tensor)


def no_likelihood_of(x: Tensor, model: Autoencoding) -> str | None:
    """Why the model's likelihood is none of images x (B, *shape), in two sentences; None where it is one."""
    if "binary" in model.capabilities and bool(((x != 0) & (x != 1)).any()):
        return "Of grey pixels loss=bce is no likelihood. Use data.binarize=dynamic, or loss=continuous_bernoulli."
    return None


def bits_per_dim(nats: Number, shape: Sequence[int], value_range: Sequence[float]) -> Number:
    """-log2 p of one number of an example, of log p(x) in nats.

    A density of x is one of (x - low) / (high - low) times (high - low)^D: it is told of values brought to [0, 1], so
    that the same images have the same bits whatever their range. Values without ends stay as they are. Of pixels that
    are not counted but measured (loss=gaussian) it may be below 0; black and white at 0 and 1 have probabilities, whose
    bits are as they are.

    Args:
        shape: of one example, D numbers.
        value_range: the lowest and the highest value of a number.
    """
    dims, width = math.prod(shape), value_range[1] - value_range[0]
    scale = math.log(width) if math.isfinite(width) else 0.0
    return -(nats / dims + scale) / math.log(2)


def log_likelihood(model: Autoencoding, x: Tensor, y: Tensor | None, noise: Noise, samples: int, chunk: int) -> Tensor:
    """log p(x) of each image in nats, (B,), by importance sampling from the model's own posterior.

    log p(x) ~ log 1/S sum_s w_s,  w_s = p(x|z_s) p(z_s) / q(z_s|x),  z_s ~ q(z|x)

    Burda, Grosse & Salakhutdinov, "Importance weighted autoencoders", ICLR 2016. The estimate is too low on average and
    rises with S, so figures compare at one S only. The sum runs along in logarithms: memory does not grow with S.

    Args:
        model: one with the capability "likelihood".
        x: (B, *shape), clean images.
        y: (B,) their classes, for a conditional model: then it is log p(x|y).
        noise: of these images; drawn from in the same order whatever the chunk.
        samples: S.
        chunk: how many codes are decoded at once (at least one an image).
    """
    code = model.encode(x, y)
    assert isinstance(code, StochasticCode), "no density to sample from"
    at_once = max(1, chunk // len(x))
    total = torch.full((len(x),), -math.inf, device=x.device, dtype=torch.float32)
    for begin in range(0, samples, at_once):
        z, log_q = code.rsample(min(at_once, samples - begin), noise)
        total = torch.logaddexp(total, (model.log_joint(x, z, y) - log_q).logsumexp(0))
    return total - math.log(samples)
