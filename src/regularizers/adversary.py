"""A critic that is trained beside the model."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.func import vjp
from torch.nn.functional import softplus

from src.contracts import Autoencoding, Reconstruction, full_precision
from src.ranges import NonNegativeFloat, PositiveFloat, PositiveInt
from src.regularizers.base import Regularizer
from src.schedules import Weight

Contest = Literal["non_saturating", "wasserstein"]
CRITIC_STEPS = {"non_saturating": 1, "wasserstein": 5}
"""Steps of the critic for each of the model: Goodfellow et al. 2014; Gulrajani et al. 2017."""


class Adversary(Regularizer):
    """A critic D is to tell real from fake, and the model to deceive it: one term, and a loss of the critic's own.

    - "non_saturating": D is a logit; the model minimises -log s(D(fake)), the critic -log s(D(real)) - log s(-D(fake)),
      s the logistic function, in nats. Goodfellow et al., "Generative adversarial nets", NIPS 2014.
    - "wasserstein": D has slope 1 at most; the model minimises -D(fake), the critic
      D(fake) - D(real) + penalty * (||dD/dx|| - 1)^2, x between a real and a fake one: what it holds the two
      distributions apart by is their Wasserstein distance. Gulrajani et al., "Improved training of Wasserstein GANs",
      NIPS 2017.

    All are per image, (B,). The model's step sees the critic fixed, the critic's a detached pass; each has an optimizer
    of its own over parameters of its own.

    Args:
        critic: the network that judges, examples (B, ...) -> (B,); its parameters belong to its optimizer alone.
        contest: which of the two.
        penalty: weight of the penalty on the critic's slope, with "wasserstein".
        rate: learning rate of the critic; None for the model's own.
        critic_steps: steps of the critic for each step of the model; None for 1, or 5 with "wasserstein".
    """

    def __init__(
        self,
        weight: Weight,
        critic: nn.Module,
        contest: Contest = "non_saturating",
        penalty: NonNegativeFloat = 10.0,
        rate: PositiveFloat | None = None,
        critic_steps: PositiveInt | None = None,
    ) -> None:
        super().__init__(weight)
        self.critic, self.contest, self.penalty, self.rate = critic, contest, penalty, rate
        self.critic_steps = critic_steps or CRITIC_STEPS[contest]

    @abstractmethod
    def real(self, out: Reconstruction) -> Tensor:
        """What the critic should take for real, (B, ...)."""

    @abstractmethod
    def fake(self, out: Reconstruction) -> Tensor:
        """What the model made instead, (n * B, ...), with a gradient to what the contest should move."""

    def judged(self, examples: Tensor, out: Reconstruction) -> Tensor:
        """The critic's scores of examples, real or fake."""
        kind = next(self.critic.parameters()).dtype
        return full_precision(self.critic(examples.to(kind)))

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        """What the model minimises, with gradients through the critic but not to it."""
        scores = self.judged(self.fake(out), out)
        return by_image(-scores if self.contest == "wasserstein" else softplus(-scores), out)

    def critic_loss(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        """What the critic minimises; `out` carries no gradient."""
        real, fake = self.real(out), self.fake(out)
        of_real, of_fake = self.judged(real, out), self.judged(fake, out)
        if self.contest == "non_saturating":
            return softplus(-of_real) + by_image(softplus(of_fake), out)
        return by_image(of_fake, out) - of_real + self.penalty * self._excess(real, fake[: len(real)], out)

    def _excess(self, real: Tensor, fake: Tensor, out: Reconstruction) -> Tensor:
        """(||dD/dx|| - 1)^2 at one x between each real and fake example, (B,)."""
        one = real.flatten(1)[:, :1]
        share = out.noise.uniform(full_precision(one)).view(-1, *[1] * (real.dim() - 1))
        between = share * full_precision(real) + (1 - share) * full_precision(fake)
        with torch.autocast(real.device.type, enabled=False):
            return (slope(lambda x: self.judged(x, out), between) - 1).square()


def by_image(values: Tensor, out: Reconstruction) -> Tensor:
    """(n * B,) -> (B,): the mean of the n that each image has."""
    return values.view(-1, len(out.x)).mean(0)


def slope(scores: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """||d score_i / dx_i|| of each example, (B,), where no score depends on another's example; differentiable."""
    value, pull = vjp(scores, x)[:2]
    (gradient,) = pull(torch.ones_like(value))
    return (full_precision(gradient).flatten(1).square().sum(1) + 1e-12).sqrt()  # the root has no slope at 0
