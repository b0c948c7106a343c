"""A critic that tells what a decoder makes from images."""

from dataclasses import dataclass, fields

from torch import Tensor

from src.contracts import Reconstruction
from src.regularizers.adversary import Adversary


@dataclass(frozen=True)
class Contested(Reconstruction):
    """A pass that also made images for a critic to judge."""

    fakes: Tensor
    """(n * B, *shape), n for each image of the batch, with a gradient to what made them."""

    @classmethod
    def of(cls, out: Reconstruction, fakes: Tensor) -> "Contested":
        """The pass with its fakes."""
        return cls(**{f.name: getattr(out, f.name) for f in fields(out) if f.init}, fakes=fakes)


class ImageAdversary(Adversary):
    """Real is an image of the data, fake what the decoder made: `fakes` of the pass, or else its output.

    Goodfellow et al., "Generative adversarial nets", NIPS 2014.
    """

    reads = frozenset({"decode"})

    def real(self, out: Reconstruction) -> Tensor:
        return out.x

    def fake(self, out: Reconstruction) -> Tensor:
        return out.fakes if isinstance(out, Contested) else out.x_hat
