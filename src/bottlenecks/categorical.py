"""The code of categorical variables."""

import torch
from torch import Tensor

from src.bottlenecks.base import Bottleneck
from src.contracts import CategoricalCode, full_precision
from src.errors import UserError
from src.schedules import Schedule


class Categorical(Bottleneck):
    """Features are the logits of `variables` variables of `categories` values each (Jang et al. 2017).

    The code tells for each variable how much of each category, `variables` * `categories` numbers. It stands at the
    probabilities: they are the mean of the one-hot codes, and tell a code that is sure from one that is not.

    Args:
        temperature: of the relaxed samples, a number or a schedule over training progress; towards 0 they are one-hot.
        hard: whether samples are one-hot at any temperature, with the gradient of the relaxed ones.

    Raises:
        UserError: a scheduled temperature starts or ends at 0 or below.
    """

    code_type = CategoricalCode
    code_range = (0.0, 1.0)
    now: Tensor
    """(), the temperature: a tensor, or a compiled step would be compiled anew as it falls."""

    def __init__(self, variables: int, categories: int, temperature: float | Schedule, hard: bool = False) -> None:
        super().__init__(variables * categories, variables * categories)
        self.shape, self.temperature, self.hard = (variables, categories), temperature, hard
        self._progress, self.scheduled = 1.0, isinstance(temperature, Schedule)
        start, end = self._at(0.0), self._at(1.0)
        if min(start, end) <= 0:
            raise UserError(
                f"model.temperature runs from {start:g} to {end:g}, but samples are divided by it. Use a schedule that "
                "starts and ends above 0, such as from 1 to 0.5, or a number: model.temperature=0.5."
            )
        self.register_buffer("now", torch.tensor(end), persistent=False)

    def forward(self, features: Tensor) -> CategoricalCode:
        log_p = full_precision(features).unflatten(1, self.shape).log_softmax(-1)
        return CategoricalCode(log_p.exp().flatten(1), log_p, self.now, self.hard)

    def code_size(self, grid: tuple[int, int] | None) -> int:
        return self.shape[0]

    def _at(self, progress: float) -> float:
        return self.temperature(progress) if isinstance(self.temperature, Schedule) else float(self.temperature)

    @property
    def progress(self) -> float:
        """How far training has come, in [0, 1]."""
        return self._progress

    @progress.setter
    def progress(self, progress: float) -> None:
        self._progress = progress
        self.now.fill_(self._at(progress))
