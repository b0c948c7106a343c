"""The objective: a reconstruction loss plus named terms, kept apart until the end.

total = weight * mean(loss) + sum_k weight_k * mean(term_k), the loss's weight 1 unless a variant says otherwise
"""

from collections.abc import Iterator, Mapping
from typing import cast

from torch import Tensor, nn

from src.contracts import Autoencoding, Code, LossBreakdown, Reconstruction, full_precision
from src.errors import UserError
from src.losses import PixelLoss, ReconstructionLoss
from src.regularizers import Adversary, Regularizer


class Objective(nn.Module):
    """Adds up a loss, the `terms` that make a variant itself, and the `regularizers` that a configuration adds.

    `progress` is how far training has come, in [0, 1]; it stands at 1 outside training.

    Args:
        reconstruction: weight of the loss; 0 where a term of the variant's own holds it already (a bound, say) and the
            loss is logged for comparison only; None where there is nothing to compare with an image.
        hidden_only: the loss counts those pixels only that the encoder did not see.

    Raises:
        UserError: a name occurs in both `terms` and `regularizers`, or is taken.
    """

    def __init__(
        self,
        loss: ReconstructionLoss,
        terms: Mapping[str, Regularizer],
        regularizers: Mapping[str, Regularizer],
        reconstruction: float | None = 1.0,
        hidden_only: bool = False,
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
        self.progress, self._reconstruction, self._hidden_only = 1.0, reconstruction, hidden_only

    def check(self, code_type: type[Code], code_range: tuple[float, float]) -> None:
        """Raise `UserError` where a term cannot measure such codes."""
        for name, term in self._each():
            term.check(name, code_type, code_range)

    def check_capabilities(self, capabilities: frozenset[str]) -> None:
        """Raise `UserError` where a term asks for what the model cannot do."""
        for name, term in self._each():
            term.check_capabilities(name, capabilities)

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
        """The weight of each term at the present progress; of the reconstruction where it is not 1."""
        own = {} if self._reconstruction in (None, 1) else {"reconstruction": self._reconstruction}
        return own | {name: term.weight_at(self.progress) for name, term in self._each()}

    def measured(self, out: Reconstruction, model: Autoencoding) -> dict[str, Tensor]:
        """Each term, unweighted: what may be compiled, since schedules stay outside."""
        terms = {} if self._reconstruction is None else {"reconstruction": self._distance(out)}
        return terms | {name: term(out, model) for name, term in self._each()}

    def _distance(self, out: Reconstruction) -> Tensor:
        if not self._hidden_only:
            return self.loss(out.raw, out.x)
        assert isinstance(self.loss, PixelLoss)
        assert out.kept is not None
        each = self.loss.per_pixel(full_precision(out.raw), full_precision(out.x))
        return (each * ~out.kept).flatten(1).sum(1)

    def weighted(self, terms: dict[str, Tensor], watched: dict[str, Tensor]) -> LossBreakdown:
        """The terms with their weights at the present progress."""
        own = {} if self._reconstruction is None else {"reconstruction": self._reconstruction}
        return LossBreakdown(terms, own | self.weights(), watched)

    def forward(self, out: Reconstruction, model: Autoencoding) -> LossBreakdown:
        return self.weighted(self.measured(out, model), {})
