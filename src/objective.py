"""The objective: a reconstruction loss plus named terms, kept apart until the end.

total = weight * mean(loss) + sum_k weight_k * mean(term_k), the loss's weight 1 unless a variant says otherwise
"""

from collections.abc import Iterator, Mapping
from typing import cast

from torch import Tensor, nn

from src.contracts import Autoencoding, Code, LossBreakdown, Reconstruction
from src.errors import UserError
from src.losses import ReconstructionLoss
from src.regularizers import Adversary, Regularizer


class Objective(nn.Module):
    """Adds up a loss, the `terms` that make a variant itself, and the `regularizers` that a configuration adds.

    `progress` is how far training has come, in [0, 1]; it stands at 1 outside training.

    Args:
        reconstruction: weight of the loss; 0 where a term of the variant's own holds it already (a bound, say) and the
            loss is logged for comparison only.

    Raises:
        UserError: a name occurs in both `terms` and `regularizers`, or is taken.
    """

    def __init__(
        self,
        loss: ReconstructionLoss,
        terms: Mapping[str, Regularizer],
        regularizers: Mapping[str, Regularizer],
        reconstruction: float = 1.0,
    ) -> None:
        super().__init__()
        for name in regularizers:
            if name in terms:
                raise UserError(
                    f"the term '{name}' is there twice: this model brings it itself, and regularizer={name} adds it "
                    f"again. Leave out regularizer={name} and set the model's own weight instead."
                )
            if name in ("reconstruction", "loss"):
                raise UserError(f"a regularizer cannot be called '{name}': that name belongs to the loss. Rename it.")
        self.loss = loss
        self.terms = nn.ModuleDict({**terms, **regularizers})
        self.progress, self._reconstruction = 1.0, reconstruction

    def check(self, code_type: type[Code], code_range: tuple[float, float]) -> None:
        """Raise `UserError` where a term cannot measure such codes."""
        for name, term in self._each():
            term.check(name, code_type, code_range)

    @property
    def adversaries(self) -> list[Adversary]:
        """The terms with a critic that is trained beside the model."""
        return [term for _, term in self._each() if isinstance(term, Adversary)]

    def prepare(self, train_size: int) -> None:
        """Tell every term how many images there are to train on."""
        for _, term in self._each():
            term.prepare(train_size)

    @property
    def scheduled(self) -> bool:
        """Whether a weight changes while training goes on."""
        return any(callable(term.weight) for _, term in self._each())

    def _each(self) -> Iterator[tuple[str, Regularizer]]:
        return cast(Iterator[tuple[str, Regularizer]], iter(self.terms.items()))

    def weights(self) -> dict[str, float]:
        """The weight of each term but the reconstruction, at the present progress."""
        return {name: term.weight_at(self.progress) for name, term in self._each()}

    def measured(self, out: Reconstruction, model: Autoencoding) -> dict[str, Tensor]:
        """Each term, unweighted: what may be compiled, since schedules stay outside."""
        terms = {"reconstruction": self.loss(out.raw, out.x)}
        return terms | {name: term(out, model) for name, term in self._each()}

    def weighted(self, terms: dict[str, Tensor], watched: dict[str, Tensor]) -> LossBreakdown:
        """The terms with their weights at the present progress."""
        return LossBreakdown(terms, {"reconstruction": self._reconstruction} | self.weights(), watched)

    def forward(self, out: Reconstruction, model: Autoencoding) -> LossBreakdown:
        return self.weighted(self.measured(out, model), {})
