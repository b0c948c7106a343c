"""What every regularizer is."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from src.contracts import Autoencoding, Code, Reconstruction
from src.errors import UserError
from src.schedules import Schedule, Weight


class Regularizer(nn.Module, ABC):
    """A named, weighted term of the objective.

    Args:
        weight: a number or a `Schedule` over training progress.
    """

    needs: ClassVar[type[Code]] = Code
    """Which kind of code it can measure."""
    reads: ClassVar[frozenset[str]] = frozenset({"encode"})
    """Capabilities that a model must have for it: a term reads codes, and codes are made by an encoder."""

    def __init__(self, weight: Weight) -> None:
        super().__init__()
        self.weight = weight

    def weight_at(self, progress: float) -> float:
        """The weight at training progress in [0, 1]."""
        return self.weight(progress) if isinstance(self.weight, Schedule) else float(self.weight)

    def check(self, name: str, code_type: type[Code], code_range: tuple[float, float]) -> None:
        """Raise `UserError` where this term cannot measure such codes; called once, when a model is built."""
        if not issubclass(code_type, self.needs):
            raise UserError(
                f"the term '{name}' needs a code of type {self.needs.__name__}, but this model's is a "
                f"{code_type.__name__}. Leave out regularizer={name}, or choose another model."
            )

    def check_capabilities(self, name: str, capabilities: frozenset[str]) -> None:
        """Raise `UserError` where a model of these capabilities leaves this term nothing to measure."""
        if "encode" in self.reads - capabilities:
            raise UserError(
                f"the term '{name}' measures what an encoder makes, and this model has none. Leave out "
                f"regularizer={name}; regularizer=decoder_l2 and regularizer=gradient_penalty measure a decoder."
            )
        if "decode" in self.reads - capabilities:
            raise UserError(
                f"the term '{name}' decodes codes by themselves, but this network decodes from its encoder's layers "
                "too. Use another network, e.g. network=conv."
            )

    def prepare(self, train_size: int) -> None:
        """Told once, before training: how many images there are to train on."""

    @abstractmethod
    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        """The unweighted term: (B,) per image, or () over the batch."""
