"""What the rooms of the house hand to each other: batches in, codes and reconstructions out, one loss breakdown.

Everything after the model (regularizers, callbacks, metrics) sees a model only through `Autoencoding` and a pass only
through `Reconstruction`. This file imports torch alone.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor


class Batch(NamedTuple):
    """A batch of examples (a NamedTuple, because Lightning moves those between devices)."""

    x: Tensor
    """(B, *shape) float32, within the data's range."""
    y: Tensor
    """(B,) int64 class labels, -1 where there is none."""
    index: Tensor  # type: ignore[assignment]  # tuple.index, which nobody asks a batch for
    """(B,) int64, the place of each example in its set; noise outside training is seeded by it."""


class Noise(Protocol):
    """A source of random numbers: fresh in training, repeatable by image elsewhere (`src/noise.py`)."""

    def uniform(self, like: Tensor) -> Tensor:
        """Uniform on [0, 1), in the shape, type and place of `like` (B, ...)."""
        ...

    def normal(self, like: Tensor) -> Tensor:
        """Standard normal, in the shape, type and place of `like` (B, ...)."""
        ...


@dataclass(frozen=True)
class Code:
    """What the decoder reads."""

    z: Tensor
    """(B, D), or (B, D, h, w) for feature maps."""

    def drawn(self, noise: Noise) -> "Code":
        """The code as a loss sees it: a deterministic code is itself, a stochastic one is sampled."""
        return self


@dataclass(frozen=True)
class StochasticCode(Code, ABC):
    """A posterior q(z|x) with a density; `z` stands at its centre until a sample is drawn."""

    @property
    @abstractmethod
    def log_q(self) -> Tensor:
        """log q(z|x) of the z at hand, (B,), in nats."""

    @abstractmethod
    def rsample(self, k: int, noise: Noise) -> tuple[Tensor, Tensor]:
        """k samples (k, B, D) and their log density log q(z|x) (k, B), in nats; gradients reach the encoder."""


@dataclass(frozen=True)
class GaussianCode(StochasticCode):
    """A diagonal normal posterior q(z|x) = N(mean, std^2); `z` is the mean until a sample is drawn."""

    mean: Tensor
    """(B, D)"""
    std: Tensor
    """(B, D), positive"""

    def drawn(self, noise: Noise) -> "GaussianCode":
        """z = mean + std * eps with eps ~ N(0, I): the reparametrisation of Kingma & Welling 2014."""
        return replace(self, z=self.mean + self.std * noise.normal(self.mean))

    @property
    def log_q(self) -> Tensor:
        return self.log_density(self.z)

    def rsample(self, k: int, noise: Noise) -> tuple[Tensor, Tensor]:
        eps = torch.stack([noise.normal(self.mean) for _ in range(k)])
        log_q = -0.5 * (eps**2 + math.log(2 * math.pi)) - self.std.log()
        return self.mean + self.std * eps, log_q.sum(-1)

    def log_density(self, z: Tensor) -> Tensor:
        """log N(z; mean, std^2) in nats of any z (..., B, D), (..., B)."""
        return (-0.5 * (((z - self.mean) / self.std) ** 2 + math.log(2 * math.pi)) - self.std.log()).sum(-1)

    @property
    def kl(self) -> Tensor:
        """KL(q(z|x) || N(0, I)) of each unit, (B, D), in nats: (std^2 + mean^2 - log std^2 - 1) / 2."""
        return 0.5 * (self.std**2 + self.mean**2 - 2 * self.std.log() - 1)


@dataclass(frozen=True)
class SparseCode(Code):
    """A code of which few units are awake: z = answers * awake."""

    answers: Tensor
    """(B, D), what each unit would say if it were awake."""
    awake: Tensor
    """(B, D), 1 where a unit is awake, else 0; its gradient reaches thresholds that are learned."""
    dead: Tensor
    """(D,) bool, units that no training image has woken for long."""


@dataclass(frozen=True)
class CategoricalCode(Code):
    """V independent categorical variables of C values; z stands at their probabilities until a sample is drawn."""

    log_p: Tensor
    """(B, V, C), log probabilities."""
    temperature: Tensor
    """(), positive"""
    hard: bool
    """Whether samples are one-hot, with the gradient of relaxed ones."""

    def drawn(self, noise: Noise) -> "CategoricalCode":
        """z_v = softmax((log p_v + g) / temperature), g Gumbel noise (Jang et al. 2017, Maddison et al. 2017)."""
        u = noise.uniform(self.log_p).clamp(min=torch.finfo(self.log_p.dtype).tiny)
        z = ((self.log_p - (-u.log()).log()) / self.temperature).softmax(-1)
        if self.hard:
            z = torch.zeros_like(z).scatter(-1, z.argmax(-1, keepdim=True), 1.0) + (z - z.detach())
        return replace(self, z=z.flatten(1))

    @property
    def kl(self) -> Tensor:
        """KL(q(z|x) || uniform) of each variable, (B, V), in nats: log C + sum_c p_c log p_c."""
        return (self.log_p.exp() * self.log_p).sum(-1) + math.log(self.log_p.shape[-1])


@dataclass(frozen=True)
class DiscreteCode(Code):
    """A map of symbols: each place holds the nearest entry of a codebook."""

    indices: Tensor
    """(B, h, w) int64, which entry."""
    features: Tensor
    """(B, D, h, w), what the encoder gave."""
    nearest: Tensor
    """(B, D, h, w), the entries themselves; z is the same in value, with the gradient handed on to the features."""


@dataclass(frozen=True)
class Reconstruction:
    """What one pass through a model produced."""

    x: Tensor
    """(B, *shape), the target."""
    y: Tensor
    """(B,) int64 class labels, -1 where there is none."""
    seen: Tensor
    """(B, *shape), what the encoder saw: x, or x corrupted."""
    kept: Tensor | None
    """(B, *shape) bool, False where a corruption replaced a pixel; None where no pixel was replaced outright."""
    code: Code
    hidden: tuple[Tensor, ...]
    """(B, ...) each: the outputs of the hidden layers of encoder and decoder, in order."""
    raw: Tensor
    """(B, raw channels, ...), the decoder's output, which the loss reads."""
    image: Callable[[Tensor], Tensor]
    noise: Noise
    """Where this pass took its random numbers from; terms that sample take theirs from it too."""
    shared: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What several terms read and one computes, by whoever computes it; a copy of the pass starts with nothing."""

    @cached_property
    def x_hat(self) -> Tensor:
        """(B, *shape), the reconstruction as an image."""
        return self.image(self.raw)


@dataclass(frozen=True)
class LossBreakdown:
    """The terms of a loss, unweighted, and their weights beside them."""

    terms: dict[str, Tensor]
    """(B,) per image, or () for a term over the batch."""
    weights: dict[str, float]
    watched: dict[str, Tensor] = field(default_factory=dict)
    """Logged beside the terms but no part of the loss, (B,) or (): a critic's own loss, the share of dead units."""

    @cached_property
    def means(self) -> dict[str, Tensor]:
        """Each term's mean over the batch: the only place where a mean over images is taken."""
        return {name: term.mean() for name, term in self.terms.items()}

    @cached_property
    def logged(self) -> dict[str, Tensor]:
        """`loss`, the mean of each term, unweighted, and of all that is watched."""
        return {"loss": self.total} | self.means | {name: value.mean() for name, value in self.watched.items()}

    @cached_property
    def total(self) -> Tensor:
        """The loss: the weighted sum of the means, ()."""
        weighted = (mean if (w := self.weights[name]) == 1 else w * mean for name, mean in self._counting().items())
        return reduce(torch.add, weighted)

    def _counting(self) -> dict[str, Tensor]:
        """The means of the terms with a weight: one of weight 0 costs no backward pass."""
        return {name: mean for name, mean in self.means.items() if self.weights[name] != 0} or self.means

    def scalars(self, stage: str) -> dict[str, Tensor]:
        """`<stage>/loss` and `<stage>/<term>`, unweighted."""
        return {f"{stage}/{name}": value for name, value in self.logged.items()}


@runtime_checkable
class Autoencoding(Protocol):
    """All that regularizers, callbacks and metrics know of a model."""

    capabilities: frozenset[str]
    """Which of "encode", "decode", "reconstruct", "restore" (a corrupted image), "sample" and "likelihood" this model
    can do. "shrink": its decoder's weights have a length of their own. "conditional": it must be told the class of each
    image for any of them but "sample". "binary": its likelihood is one only of pixels that are 0 or 1."""
    latent_dim: int
    """Width of what the decoder reads: numbers of a vector, channels of a map."""
    code_size: int
    """Numbers (or symbols) that the code of one image consists of; PCA is given as many components."""

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        """The code of clean images x (B, *shape); a stochastic code stands at its mean."""
        ...

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """The decoder's raw output for codes z (B, D)."""
        ...

    def image(self, raw: Tensor) -> Tensor:
        """Raw output as an image in the data's range, not clipped."""
        ...

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """x_hat (B, *shape) of clean images x, from the code at its mean."""
        ...

    def restored(self, out: Reconstruction) -> Tensor:
        """x_hat (B, *shape) of what the encoder saw in a pass, from the code at its mean."""
        ...

    def log_joint(self, x: Tensor, z: Tensor, y: Tensor | None = None, raw: Tensor | None = None) -> Tensor:
        """log p(x|z) + log p(z) in nats, (k, B), of codes z (k, B, D); for models with the capability "likelihood".

        `raw` is what the decoder made of z, (k * B, ...), where that is at hand.
        """
        ...

    def encoder_weights(self) -> list[Tensor]:
        """The weights of the encoder's affine and convolutional layers, (out, in) each, kernels flattened."""
        ...

    def decoder_weights(self) -> list[Tensor]:
        """The same of the decoder."""
        ...

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """n new images (n, *shape) from the prior."""
        ...

    def jacobian_sq_norm(self, x: Tensor) -> Tensor | None:
        """||dz/dx||_F^2 of each image, (B,), where the encoder has it in closed form; else None."""
        ...


def full_precision(t: Tensor) -> Tensor:
    """Half precision raised to float32 (losses and penalties are computed there); wider types as they are."""
    return t.float() if t.dtype in (torch.float16, torch.bfloat16) else t
