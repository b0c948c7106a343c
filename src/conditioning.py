"""Telling a model the class of an image."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from src.errors import UserError


class Conditioning(nn.Module):
    """The class beside the image, as one learned plane, and beside the code, as a one-hot vector.

    Sohn, Lee & Yan, "Learning structured output representation using deep conditional generative models", NIPS 2015.

    Args:
        classes: how many there are.
        shape: of one image; the plane is one more channel. None: only the decoder is told.

    Raises:
        UserError: there are no classes.
    """

    one_hot: Tensor

    def __init__(self, classes: int, shape: tuple[int, ...] | None) -> None:
        super().__init__()
        if classes < 1:
            raise UserError("this model is told the class of each image, but the data has none. Use model=vae instead.")
        self.classes = classes
        self.planes = None if shape is None else nn.Parameter(0.1 * torch.randn(classes, 1, *shape[1:]))
        self.register_buffer("one_hot", torch.eye(classes), persistent=False)

    @property
    def seen(self) -> int:
        """How many channels the encoder is given beside the image's own."""
        return 0 if self.planes is None else 1

    def see(self, x: Tensor, y: Tensor | None) -> Tensor:
        """(B, C, ...) and (B,) -> (B, C + `seen`, ...): what the encoder is given."""
        return x if self.planes is None else torch.cat([x, self._rows(self.planes, y).to(x.dtype)], 1)

    def tell(self, z: Tensor, y: Tensor | None) -> Tensor:
        """(B, D) and (B,) -> (B, D + classes): what the decoder is given."""
        return torch.cat([z, self._rows(self.one_hot, y).to(z.dtype)], 1)

    def asked_for(self, n: int, y: Tensor | None) -> Tensor:
        """The classes (n,) of n samples; one after another where none are asked for.

        Raises:
            UserError: they are not n classes that there are.
        """
        if y is None:
            return torch.arange(n, device=self.one_hot.device) % self.classes
        if y.shape != (n,) or bool(((y < 0) | (y >= self.classes)).any()):
            raise UserError(f"{n} samples need {n} classes y from 0 to {self.classes - 1}, or y=None for all in turn.")
        return y.to(self.one_hot.device)

    def check(self, classes: list[str], labels: Tensor) -> None:
        """Raise `UserError` where images to train on have labels (N,) other than this model's classes."""
        if len(classes) != self.classes:
            raise UserError(
                f"model.classes={self.classes}, but the data has {len(classes)} classes. Leave model.classes as it is "
                "in the model's file, ${data.classes}."
            )
        without = int(((labels < 0) | (labels >= self.classes)).sum())
        if without:
            raise UserError(
                f"{without:,} of {len(labels):,} images have no label, but this model must be told the class of each. "
                "Use data with labels, or model=vae."
            )

    def _rows(self, table: Tensor, y: Tensor | None) -> Tensor:
        """The row of each class (B,); on the CPU a class that is not there is noticed, on a GPU CUDA's assert is it."""
        if y is None:
            raise UserError("this model must be told the class of each image: give y (B,), as in encode(x, y).")
        try:
            return F.embedding(y.to(table.device), table.flatten(1)).view(len(y), *table.shape[1:])
        except IndexError as error:
            raise UserError(f"the class of an image must be one of 0 to {self.classes - 1}, as in training.") from error
