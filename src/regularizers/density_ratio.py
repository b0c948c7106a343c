"""A critic that tells codes from codes whose units were put together from different images."""

from torch import Tensor

from src.contracts import Autoencoding, GaussianCode, Noise, Reconstruction, full_precision
from src.regularizers.adversary import Adversary


class DensityRatio(Adversary):
    """D(z) of each code, (B,): log q(z) - sum_d log q(z_d) in nats, as far as the critic D knows.

    Kim & Mnih, "Disentangling by factorising", ICML 2018. D is trained to tell codes z ~ q(z) from z' ~ prod_d q(z_d),
    by -log s(D(z)) - log s(-D(z')), s the logistic function; the best D is the logarithm of the ratio of their
    densities, so that its mean over codes is the total correlation. z' are the codes of the same batch with each unit
    permuted by itself. (The paper permutes a second batch; the loss is a sum of two means, to which it makes no
    difference on average that both are of the same images.) A batch of one image can only be permuted to itself.
    """

    needs = GaussianCode

    def real(self, out: Reconstruction) -> Tensor:
        return full_precision(out.code.z)

    def fake(self, out: Reconstruction) -> Tensor:
        return permuted(full_precision(out.code.z), out.noise)

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        return self.judged(self.real(out), out)


def permuted(z: Tensor, noise: Noise) -> Tensor:
    """Codes z (B, D), the values of each unit in an order of their own."""
    return z.gather(0, noise.uniform(z).argsort(0))
