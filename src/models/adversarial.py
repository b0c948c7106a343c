"""A plain code that a critic holds to the prior."""

from typing import Unpack, final

from src.bottlenecks import Deterministic
from src.conditioning import Conditioning
from src.models.base import Parts, ReconstructionModule
from src.networks.critics import MlpCritic
from src.priors import StandardNormal
from src.ranges import NonNegativeInt, PositiveFloat, PositiveInt
from src.regularizers import CodeAdversary
from src.schedules import Weight


@final
class AdversarialAutoencoder(ReconstructionModule):
    """min L(x, g(f(x))) - adversary * log s(D(f(x))) against a critic D that tells codes f(x) from z ~ N(0, I).

    Makhzani et al., "Adversarial autoencoders", 2016 (arXiv:1511.05644). Where D can no longer tell, all codes together
    are normal and samples g(z) are like the data. The critic's own loss is logged as `critic`: 2 log 2 = 1.386 nats
    where it can tell nothing.

    Where it is `conditional` it is the supervised form of their section 4: the decoder is told the class, so the code
    holds what else there is to an image, its style. The critic is told it too, as in their section 2.3, so that the
    styles of each class by themselves are normal and tell nothing of the class.

    Args:
        adversary: weight of the contest, logged as the term `adversarial`.
        critic: units of each hidden layer of the critic.
        critic_rate: its learning rate; None for that of the model.
        conditional: whether decoder and critic are told the class of each image.
        classes: how many there are, the data's own.

    Raises:
        UserError: it is conditional and the data has no classes.
    """

    selection_metric = "val/reconstruction"

    def __init__(
        self,
        latent_dim: PositiveInt,
        adversary: Weight = 1.0,
        critic: list[PositiveInt] | None = None,
        critic_rate: PositiveFloat | None = None,
        conditional: bool = False,
        classes: NonNegativeInt = 0,
        **parts: Unpack[Parts],
    ) -> None:
        told = Conditioning(classes, None) if conditional else None
        judge = MlpCritic(latent_dim + (classes if told else 0), [256, 256] if critic is None else critic)
        terms = {"adversarial": CodeAdversary(adversary, judge, told.tell if told else None, rate=critic_rate)}
        super().__init__(Deterministic(latent_dim), parts, terms, StandardNormal(latent_dim), conditioning=told)
