"""One value against one annotation, and the annotation in words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Protocol, Union

import pytest
from annotated_types import Len

from src.configuration.annotations import StandIn, choices, described, fits
from src.ranges import DropoutRate, Fraction, PositiveFloat, PositiveInt, Shape, ValueRange


class Base: ...


class Derived(Base): ...


class Other: ...


class Maker(Protocol):
    def __call__(self, n: int) -> Base: ...


class Colour(Enum):
    RED = "red"


A_BASE, A_DERIVED, AN_OTHER, A_PARTIAL = (StandIn(cls) for cls in (Base, Derived, Other, partial))

GOOD: list[tuple[Any, Any]] = [
    (3, int),
    (1, float),
    (True, bool),
    ("abc", str),
    (None, int | None),
    (3, PositiveInt),
    (0, Fraction),
    (0.0, DropoutRate),
    ("bf16", Literal["bf16", 32]),
    (32, Literal["bf16", 32]),
    (None, Optional[Literal["a"]]),  # noqa: UP045
    ([1, 2], list[int]),
    ([1, 2], Sequence[PositiveInt]),
    ([1, 2], Iterable[int]),
    ([0.9, 1], tuple[float, float]),
    ([[1, 2], [3, 4]], list[tuple[int, int]]),
    ([1, 2], set[int]),
    ([], tuple[int, ...]),
    ([0, 1], ValueRange),
    ({"a": 1}, dict[str, int]),
    ({"a": 1}, Mapping[str, float]),
    ("some/where", Path),
    ("red", Colour),
    (3, Any),
    (A_DERIVED, Base),
    (A_BASE, Base | None),
    ([A_DERIVED], list[Base]),
    ({"a": A_DERIVED}, Mapping[str, Base]),
    (A_PARTIAL, Callable[[int], Base]),
    (A_PARTIAL, Maker),
    (0.5, PositiveFloat | Base),
    (A_DERIVED, PositiveFloat | Base),
    ("anything", Maker),  # a protocol that cannot be checked at run time
    ("anything", "NotDefinedAnywhere"),
]
BAD: list[tuple[Any, Any, str]] = [
    ("abc", int, "a whole number"),
    ("abc", PositiveInt, "a whole number greater than 0"),
    (0, PositiveInt, "a whole number greater than 0"),
    (-3, PositiveInt, "a whole number greater than 0"),
    (1e3, int | None, "a whole number or null"),
    (True, int, "a whole number"),
    (True, float, "a number"),
    (None, int, "a whole number"),
    ("3", float, "a number"),
    (3, str, "a text"),
    (1, bool, "true or false"),
    (1.5, Fraction, "a number of at least 0 and of at most 1"),
    (1.0, DropoutRate, "a number of at least 0 and less than 1"),
    ("bf17", Literal["bf16", "32"], "one of bf16, 32"),
    ("x", Union[Literal["a", "b"], Literal["b", "c"], None], "one of a, b, c or null"),  # noqa: UP007
    ("x", Literal["auto"] | int, "one of auto or a whole number"),
    ("x", int | float | None, "a number or null"),
    ([1, 0], Sequence[PositiveInt], "a list of whole numbers greater than 0"),
    ([1, 2.0], tuple[int, ...], "a list of whole numbers"),
    ([1.0], tuple[float, float], "a list of 2 numbers"),
    ([1], tuple[int, str], "a list of a whole number, a text"),
    ("ab", Sequence[int], "a list of whole numbers"),
    ([0, 1, 2], ValueRange, "a list of numbers (exactly 2)"),
    ([], Shape, "a list of whole numbers greater than 0 (1 or more)"),
    ([1], Annotated[list[int], Len(2)], "a list of whole numbers (2 or more)"),
    ({"a": "x"}, dict[str, int], "a mapping to whole numbers"),
    (3, Path, "a path"),
    ("x", Base, "a node that builds Base"),
    (AN_OTHER, Base, "a node that builds Base"),
    (A_PARTIAL, Base, "a node that builds Base"),
    ([AN_OTHER], list[Base], "a list of Bases"),
    (A_DERIVED, list[Base], "a list of Bases"),
    ("x", Callable[[int], int], "a function (a node with `_partial_: true`)"),
    (-1.0, PositiveFloat | Base, "a number greater than 0 or a node that builds Base"),
    (AN_OTHER, PositiveFloat | Base, "a number greater than 0 or a node that builds Base"),
]


@pytest.mark.parametrize(("value", "annotation"), GOOD, ids=str)
def test_fits(value: Any, annotation: Any) -> None:
    assert fits(value, annotation)


@pytest.mark.parametrize(("value", "annotation", "words"), BAD, ids=str)
def test_does_not_fit_and_says_what_would(value: Any, annotation: Any, words: str) -> None:
    assert not fits(value, annotation)
    assert described(annotation) == words


def test_choices_are_found_within_unions_and_named_once() -> None:
    assert choices(Union[Literal[16, "16"], Literal["bf16"], list[Literal["x"]], None]) == ["16", "bf16", "x"]  # noqa: UP007
