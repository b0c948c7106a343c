"""The test of the tests: every two options meet, and what is refused never does."""

import itertools

import pytest

from tests.covering import covering

GROUPS = [[f"{letter}{i}" for i in range(n)] for letter, n in [("a", 7), ("b", 4), ("c", 3), ("d", 2)]]


def test_every_two_options_meet_in_few_rows() -> None:
    rows = covering(GROUPS)
    met = {frozenset(pair) for row in rows for pair in itertools.combinations(row, 2)}
    wanted = {frozenset(p) for one, other in itertools.combinations(GROUPS, 2) for p in itertools.product(one, other)}
    assert met == wanted
    assert 28 <= len(rows) <= 34  # 7 x 4 pairs of the two largest groups need a row each
    assert rows == covering(GROUPS)


def test_what_is_refused_never_meets() -> None:
    refused = {frozenset({"a1", "b2"}), frozenset({"c0", "d1"})}
    rows = covering(GROUPS, refused)
    assert not any(r <= set(row) for r in refused for row in rows)
    assert any({"a1", "b1"} <= set(row) for row in rows)


def test_an_option_that_fits_nowhere_is_named() -> None:
    with pytest.raises(AssertionError, match="'a0', 'b0'"):
        covering([["a0"], ["b0"], ["c0"]], {frozenset({"a0", "c0"})})
