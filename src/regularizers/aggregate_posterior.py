"""How dense the codes of all training images lie where one batch's codes are."""

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from src.contracts import GaussianCode, Reconstruction, full_precision

Sampling = Literal["stratified", "weighted"]


class Densities(NamedTuple):
    """Logarithms of densities at a batch's codes z, (B,) each, in nats."""

    posterior: Tensor
    """log q(z|x) of the image that z was drawn for."""
    joint: Tensor
    """log q(z), of all training images together."""
    product: Tensor
    """sum_d log q(z_d), each unit by itself."""
    prior: Tensor
    """log p(z), p = N(0, I)."""


class AggregatePosterior(nn.Module):
    """q(z) = sum_n q(z|x_n) / N over N training images, estimated from a batch of B: log sum_j w_ij q(z_i|x_j).

    Chen et al., "Isolating sources of disentanglement in variational autoencoders", NeurIPS 2018, appendix C; the
    weights w_ij are

    - "stratified": 1 / N for the image that z_i was drawn for, (N - 1) / (N (B - 1)) for each other. Unbiased for q(z)
      and each q(z_d), exact at B = N. The paper gives one of the others more weight than the rest; these are the mean
      of its weights over the order of the batch. A batch of one image stands for itself: 1.
    - "weighted": 1 / (N B) for all. Simple and too small: not far from the prior by the factor B / N.

    The densities of each unit of each code under each posterior, B^2 D numbers, are at hand at once (16 MiB at B = 128
    and D = 256, a few times over for the gradient). All terms of a pass share them. The batch is one process's. N is
    kept with the weights, so that a run that is opened again measures the same; without one the batch is all there is.
    """

    train_size: Tensor

    def __init__(self, sampling: Sampling = "stratified") -> None:
        super().__init__()
        self.sampling = sampling
        self.register_buffer("train_size", torch.zeros((), dtype=torch.int64))

    def prepare(self, train_size: int) -> None:
        """Take note of N."""
        self.train_size.fill_(train_size)

    def forward(self, out: Reconstruction) -> Densities:
        """The densities at a pass's codes; computed once for all who ask."""
        if self not in out.shared:
            code = out.code
            assert isinstance(code, GaussianCode)
            out.shared[self] = self.densities(*map(full_precision, (code.z, code.mean, code.std)))
        densities: Densities = out.shared[self]
        return densities

    def densities(self, z: Tensor, mean: Tensor, std: Tensor) -> Densities:
        """Of codes z (B, D), and means and standard deviations (B, D) of the posteriors that they were drawn from."""
        by_unit = _log_normal((z[:, None] - mean) / std) - std.log()  # [i, j, d]: unit d of code i, posterior j
        by_code, weights = by_unit.sum(2), self._log_weights(z)
        return Densities(
            posterior=by_code.diagonal(),
            joint=(weights + by_code).logsumexp(1),
            product=(weights[..., None] + by_unit).logsumexp(1).sum(1),
            prior=_log_normal(z).sum(1),
        )

    def _log_weights(self, z: Tensor) -> Tensor:
        """log w_ij, (B, B)."""
        b = len(z)
        n = torch.where(self.train_size > 0, self.train_size, b).to(z)
        if self.sampling == "weighted":
            return -(n * b).log().expand(b, b)
        if b == 1:
            return z.new_zeros(1, 1)
        own = torch.eye(b, dtype=torch.bool, device=z.device)
        return torch.where(own, -n.log(), ((n - 1) / (n * (b - 1))).log())


def _log_normal(eps: Tensor) -> Tensor:
    """log N(eps; 0, 1)."""
    return -0.5 * (eps.square() + math.log(2 * math.pi))
