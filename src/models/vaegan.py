"""A variational autoencoder whose reconstructions a critic measures."""

from typing import Unpack, final

import torch

from src.bottlenecks import Gaussian
from src.contracts import Batch
from src.models.base import Parts, ReconstructionModule
from src.models.gan import check_that_the_loss_learns_nothing
from src.networks.critics import image_critic
from src.priors import StandardNormal
from src.ranges import PositiveFloat, PositiveInt
from src.regularizers import FeatureMatching, ImageAdversary, KLDivergence
from src.regularizers.image_adversary import Contested
from src.schedules import Weight


@final
class VariationalAutoencoderGAN(ReconstructionModule):
    """min ||h(x) - h(g(z))||^2 / 2 + beta * KL(q(z|x) || N(0, I)) - adversary * log s(D(fake)), z ~ q(z|x).

    Larsen et al., "Autoencoding beyond pixels using a learned similarity metric", ICML 2016 (VAE/GAN): D tells images
    from fakes, h is a hidden layer of D, and what is compared is how images look to D rather than their pixels. Fakes
    are g(z) of codes z and of as many draws from the prior, half of each; in them the codes are held fixed, so that the
    contest moves the decoder alone.

    The loss is logged as `reconstruction` for comparison and has no weight.

    Args:
        beta: weight of the divergence, logged as the term `kl`.
        features: weight of the distance as D sees it, logged as the term `features`.
        adversary: weight of the contest, logged as the term `adversarial`.
        critic: output channels of each convolution of D (units of each layer where examples are vectors).
        critic_rate: its learning rate; None for that of the model.
    """

    selection_metric = "val/reconstruction"

    def __init__(
        self,
        latent_dim: PositiveInt,
        beta: Weight = 1.0,
        features: Weight = 10.0,
        adversary: Weight = 1.0,
        critic: list[PositiveInt] | None = None,
        critic_rate: PositiveFloat | None = None,
        **parts: Unpack[Parts],
    ) -> None:
        check_that_the_loss_learns_nothing(parts)
        judge = image_critic(parts["shape"], [16, 32, 64] if critic is None else critic, spectral=True)
        terms = {
            "kl": KLDivergence(beta),
            "features": FeatureMatching(features, judge.features),
            "adversarial": ImageAdversary(adversary, judge, rate=critic_rate),
        }
        super().__init__(Gaussian(latent_dim), parts, terms, prior=StandardNormal(latent_dim), reconstruction=0.0)

    def forward(self, batch: Batch) -> Contested:
        out = super().forward(batch)
        z = out.code.z.detach()
        return Contested.of(out, fakes=self.image(self.decode(torch.cat([z, out.noise.normal(z)]))))
