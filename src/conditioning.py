"""Telling a model the class of an image."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from src.errors import UserError


class Conditioning(nn.Module):
    """The class beside the image, as one learned plane, and beside the code, as a one-hot vector.

    Sohn, Lee & Yan, "Learning structured output representation using deep conditional generative models", NIPS 2015.

    Args:
        classes: how many there are.
        shape: of one image; the plane is one more channel.
    """

    def __init__(self, classes: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.classes, self.plane = classes, (1, *shape[1:])
        self.planes = nn.Embedding(classes, math.prod(shape[1:]))

    def see(self, x: Tensor, y: Tensor | None) -> Tensor:
        """(B, C, ...) and (B,) -> (B, C + 1, ...): what the encoder is given."""
        return torch.cat([x, self.planes(self._known(y)).view(len(x), *self.plane).to(x.dtype)], 1)

    def tell(self, z: Tensor, y: Tensor | None) -> Tensor:
        """(B, D) and (B,) -> (B, D + classes): what the decoder is given."""
        return torch.cat([z, F.one_hot(self._known(y), self.classes).to(z.dtype)], 1)

    def in_turn(self, n: int) -> Tensor:
        """(n,) classes, one after another: for samples where no class is asked for."""
        return torch.arange(n, device=self.planes.weight.device) % self.classes

    def _known(self, y: Tensor | None) -> Tensor:
        if y is None:
            raise UserError("this model is conditional: it needs the class of each image, y (B,) in 0, 1, ...")
        return y

    def check(self, classes: list[str]) -> None:
        """Raise `UserError` where the data's classes are not those of the model."""
        if len(classes) != self.classes:
            have = f"has {len(classes)} classes" if classes else "has no labels"
            instead = f"Set model.classes={len(classes)}." if classes else "Use an unconditional model, e.g. model=vae."
            raise UserError(f"model.classes={self.classes}, but the data {have}. {instead}")
