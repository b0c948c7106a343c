"""A VAE that is told the class of each image."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.conditioning import Conditioning
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import NonNegativeInt, PositiveInt
from src.regularizers import KLDivergence
from src.schedules import Weight


@final
class ConditionalVariationalAutoencoder(ReconstructionModule):
    """min E_{q(z|x,y)}[-log p(x|z,y)] + beta * KL(q(z|x,y) || N(0, I)), y the class of x.

    Sohn, Lee & Yan, "Learning structured output representation using deep conditional generative models", NIPS 2015;
    for classes as Kingma et al., "Semi-supervised learning with deep generative models", NIPS 2014 (M2 with every label
    seen). The encoder is given y as a plane beside the image, the decoder as a one-hot vector beside z, so z need not
    tell it, and `sample(n, y)` makes images of the classes y (n,), of each in turn without one.

    Args:
        classes: how many there are, the data's own.
        beta: weight of the divergence, logged as the term `kl`.

    Raises:
        UserError: the data has no classes.
    """

    def __init__(
        self, latent_dim: PositiveInt, classes: NonNegativeInt, beta: Weight = 1.0, **parts: Unpack[Parts]
    ) -> None:
        terms = {"kl": KLDivergence(beta)}
        told = Conditioning(classes, tuple(parts["shape"]))
        super().__init__(Gaussian(latent_dim), parts, terms, StandardNormal(latent_dim), conditioning=told)
