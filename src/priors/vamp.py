"""A mixture of what the encoder says of images that are learned."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from src.contracts import Code, GaussianCode
from src.priors.base import Prior
from src.ranges import UNBOUNDED

_AT_ONCE = 2**24
"""Numbers that a density holds at a time: (codes, components, D) of many codes are taken in slices."""


class VampPrior(Prior):
    """p(z) = 1/K sum_k q(z|u_k), the posteriors of K pseudo-inputs u_k, which are learned with all else.

    Tomczak & Welling, "VAE with a VampPrior", AISTATS 2018. u_k = low + (high - low) * sigmoid(logits_k), an image
    within the data's range, where theirs is a hard tanh: its slope is nowhere 0. Values without ends are the logits.

    Args:
        encode: images (K, *shape) -> posteriors, a `GaussianCode`. The encoder stays the model's: it is no part of this
            module, and a checkpoint has it once.
        shape: of one image.
        data_range: lowest and highest value of a pixel.
        components: K.
    """

    def __init__(
        self,
        encode: Callable[[Tensor], Code],
        shape: Sequence[int],
        data_range: Sequence[float],
        components: int,
    ) -> None:
        super().__init__()
        self.encode, self.data_range = encode, tuple(data_range)
        self.logits = nn.Parameter(torch.randn(components, *shape))

    @property
    def pseudo_inputs(self) -> Tensor:
        """u, (K, *shape)."""
        low, high = self.data_range
        if self.data_range == UNBOUNDED:
            return self.logits
        return low + (high - low) * self.logits.sigmoid()

    def posteriors(self) -> GaussianCode:
        """q(z|u_k) of all k, mean and std (K, D)."""
        code = self.encode(self.pseudo_inputs)
        assert isinstance(code, GaussianCode), "the encoder of a VampPrior gives normal posteriors"
        return code

    def sample(self, n: int) -> Tensor:
        q = self.posteriors()
        k = torch.randint(len(q.mean), (n,), device=q.mean.device)
        return q.mean[k] + q.std[k] * torch.randn_like(q.mean[k])

    def log_prob(self, z: Tensor) -> Tensor:
        q = self.posteriors()
        slices = z.reshape(-1, 1, z.shape[-1]).split(max(1, _AT_ONCE // q.mean.numel()))
        log_each = torch.cat([q.log_density(part).logsumexp(-1) for part in slices])
        return log_each.view(z.shape[:-1]) - math.log(len(q.mean))
