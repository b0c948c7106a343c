"""Names for the value ranges that constructors ask for; `validation.py` reads them from the annotations."""

import math
from collections.abc import Sequence
from typing import Annotated

from annotated_types import Ge, Gt, Interval, Len, Lt

PositiveInt = Annotated[int, Gt(0)]
NonNegativeInt = Annotated[int, Ge(0)]
PositiveFloat = Annotated[float, Gt(0)]
NonNegativeFloat = Annotated[float, Ge(0)]
Fraction = Annotated[float, Interval(ge=0, le=1)]
"""A share of a whole, both ends allowed."""
OpenFraction = Annotated[float, Interval(gt=0, lt=1)]
"""A share of a whole, neither end allowed."""
DropoutRate = Annotated[float, Ge(0), Lt(1)]
Seed = Annotated[int, Interval(ge=0, le=2**32 - 1)]
"""What NumPy takes for one, the narrowest of those that are seeded."""
Shape = Annotated[list[PositiveInt], Len(1)]
"""The shape of one example without the batch, e.g. [channels, height, width]."""
ValueRange = Annotated[list[float], Len(2, 2)]
"""The lowest and the highest value a pixel can take."""

UNBOUNDED = (-math.inf, math.inf)
"""The range of values without ends, as of standardised columns; a configuration says null."""


def ends(value_range: Sequence[float] | None) -> tuple[float, float]:
    """A range as a configuration has it, with null for values without ends, as two numbers."""
    return UNBOUNDED if value_range is None else (float(value_range[0]), float(value_range[1]))


def shown(value_range: Sequence[float]) -> str:
    """Two ends as a configuration has them: [0, 1], or null where there are none."""
    return "null" if tuple(value_range) == UNBOUNDED else str(list(value_range))


def blank(value_range: Sequence[float]) -> float:
    """What stands where nothing is known: the lowest value (black), or 0 (the mean) where there is no lowest."""
    return value_range[0] if math.isfinite(value_range[0]) else 0.0
