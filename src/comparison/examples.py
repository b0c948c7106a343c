"""The same test examples as every variant sees them: what pictures side by side are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


@dataclass(frozen=True)
class SameExamples:
    """The first test examples, what each variant makes of them, and the codes of more of them."""

    x: "Tensor"
    """(N, *shape), on the CPU."""
    value_range: tuple[float, float]
    """The values of black and white; infinite for values without ends."""
    reconstructions: Mapping[str, "Tensor"]
    """(N, *shape) by name, in the order to draw: "PCA-16" and its like first, then variants by theirs."""
    y: "np.ndarray"
    """(P,) int, the class of each example that has a code below; -1 where there is none."""
    classes: Sequence[str]
    """Names of the classes 0, 1, ..."""
    codes: Mapping[str, "np.ndarray"]
    """(P, D) by name, in the same order; D is each model's own."""
