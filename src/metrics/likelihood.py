"""How likely a model with a density finds images."""

import math

import torch
from torch import Tensor

from src.contracts import Autoencoding, Noise, StochasticCode


def no_likelihood_of(x: Tensor, model: Autoencoding) -> str | None:
    """Why the model's likelihood is none of images x (B, *shape), in two sentences; None where it is one."""
    if "binary" in model.capabilities and bool(((x != 0) & (x != 1)).any()):
        return "Of grey pixels loss=bce is no likelihood. Use data.binarize=dynamic, or loss=continuous_bernoulli."
    return None


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
