"""Numbers as a reader wants them: as many decimals in a column as its seeds bear out, and no more."""

import math
from collections.abc import Iterable

DIGITS = 4
"""Significant digits of the middle figure of a column whose spread is not known."""
SPREAD_DIGITS = 2
"""Significant digits of the middle standard deviation of a column."""
MOST_DECIMALS = 6


def decimals(values: Iterable[float], spreads: Iterable[float] = ()) -> int:
    """The decimals of a column: two significant digits of its middle spread, never more than five of its middle value.

    Args:
        values: the figures of the column; no decimals where all are whole numbers and nothing spreads.
        spreads: their standard deviations, as far as they are known.
    """
    values = list(values)
    whole = all(value == round(value) for value in values if math.isfinite(value))
    middle, spread = _middle(values), _middle(spreads)
    if middle is None:
        return 0
    most = _places(middle, DIGITS + 1)
    return min(most, _places(spread, SPREAD_DIGITS) if spread else 0 if whole else _places(middle, DIGITS))


def _middle(values: Iterable[float]) -> float | None:
    """The middle one of the sizes above zero."""
    sizes = sorted(abs(value) for value in values if math.isfinite(value) and value)
    return sizes[len(sizes) // 2] if sizes else None


def _places(value: float, digits: int) -> int:
    return min(MOST_DECIMALS, max(0, digits - 1 - math.floor(math.log10(value))))


def figure(value: float, places: int) -> str:
    """A number in words of its column: thousands in threes, a true minus, powers of ten where all decimals are 0."""
    if not math.isfinite(value):
        return str(value)
    small = value != 0 and abs(value) < 0.5 * 10.0**-places
    return (f"{value:.1e}" if small else f"{value:,.{places}f}").replace("-", "−")


def rounded(value: float | None) -> float | None:
    """Six significant digits: what a chart can show. None for what is no number, as JSON has no nan."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
