"""Numbers as a reader wants them: as many decimals in a column as its middle figure needs, and no more."""

import math
from collections.abc import Iterable

DIGITS = 4
"""Significant digits of the middle figure of a column."""
MOST_DECIMALS = 6


def decimals(values: Iterable[float]) -> int:
    """The decimals of a column: four significant digits for its middle figure, none where all are whole numbers."""
    sizes = sorted(abs(value) for value in values if math.isfinite(value))
    if all(size == round(size) for size in sizes):
        return 0
    middle = [size for size in sizes if size > 0][len([size for size in sizes if size > 0]) // 2]
    return min(MOST_DECIMALS, max(0, DIGITS - 1 - math.floor(math.log10(middle))))


def figure(value: float, places: int) -> str:
    """A number in words of its column: thousands in threes, a true minus, powers of ten where all decimals are 0."""
    if not math.isfinite(value):
        return str(value)
    small = value != 0 and abs(value) < 0.5 * 10.0**-places
    return (f"{value:.1e}" if small else f"{value:,.{places}f}").replace("-", "−")


def rounded(value: float | None) -> float | None:
    """Six significant digits: what a chart can show. None for what is no number, as JSON has no nan."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
