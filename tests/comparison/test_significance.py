"""Tests over seeds against closed forms."""

import math

import pytest

from src.comparison.significance import holm, ranks, worse


def t_one_sided(t: float) -> float:
    """P(T > t) of Student's t with 2 degrees of freedom, which has a closed form."""
    return 0.5 - t / (2 * math.sqrt(2 + t * t))


def test_seeds_that_match_are_paired() -> None:
    best, other = {1: 1.0, 2: 5.0, 3: 9.0}, {3: 9.3, 1: 1.1, 2: 5.2}
    t = 0.2 / (0.1 / math.sqrt(3))  # of the differences 0.1, 0.2, 0.3
    assert worse(best, other, lower=True) == pytest.approx(t_one_sided(t))
    assert worse(best, other, lower=False) == pytest.approx(1 - t_one_sided(t))


def test_seeds_that_do_not_match_are_tested_by_welch() -> None:
    best, other = {1: 0.0, 2: 2.0}, {3: 10.0, 4: 12.0}
    t = 10 / math.sqrt(2 / 2 + 2 / 2)  # variances 2 of two each; as they are equal, 2 degrees of freedom
    assert worse(best, other, lower=True) == pytest.approx(t_one_sided(t))


def test_welch_does_not_pool_the_variances() -> None:
    """The best never varies, so all of the doubt is of the other's three seeds: variance 1 of three, 2 degrees."""
    best, other = dict.fromkeys(range(10), 1.0), {11: 1.5, 12: 2.5, 13: 3.5}
    assert worse(best, other, lower=True) == pytest.approx(t_one_sided(1.5 / math.sqrt(1 / 3)))


def test_one_seed_cannot_be_tested() -> None:
    assert worse({1: 1.0}, {1: 2.0}, lower=True) is None
    assert worse({1: 1.0, 2: 1.1}, {3: 2.0}, lower=True) is None


def test_a_difference_that_never_varies_needs_no_test() -> None:
    assert worse({1: 1.0, 2: 1.0}, {1: 1.5, 2: 1.5}, lower=True) == 0
    assert worse({1: 1.0, 2: 1.0}, {1: 1.0, 2: 1.0}, lower=True) == 1
    assert worse({1: 1.0, 2: 1.0}, {3: 1.5, 4: 1.5}, lower=True) == 0


def test_figures_that_differ_by_rounding_are_the_same() -> None:
    a, b = 1 / 3, 1 / 3 * (1 + 1e-12)
    assert a < b
    assert worse({1: a, 2: a}, {1: b, 2: b}, lower=True) == 1
    assert worse({1: a, 2: a}, {3: b, 4: b}, lower=True) == 1


def test_a_difference_that_happens_to_be_the_same_for_every_seed_is_judged_by_its_sign() -> None:
    """Shares of few images agree by chance; no spread is then no certainty."""
    best, other = {1: 0.5, 2: 0.75, 3: 0.625}, {1: 0.25, 2: 0.5, 3: 0.375}
    assert worse(best, other, lower=False) == 1 / 8
    assert worse(best, other, lower=True) == 1


def test_holm() -> None:
    assert holm({"a": 0.04, "b": 0.01, "c": 0.03}) == pytest.approx({"b": 0.03, "c": 0.06, "a": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}


def test_ranks_mark_what_is_not_shown_to_be_worse() -> None:
    values = {
        "good": {1: 1.0, 2: 1.1, 3: 1.2},
        "same": {1: 1.3, 2: 0.9, 3: 1.3},
        "bad": {1: 5.0, 2: 5.2, 3: 5.1},
        "once": {1: 9.0},
    }
    assert ranks(values, lower=True) == {"good": "best", "same": "tied", "bad": "", "once": "tied"}
    assert ranks(values, lower=False)["once"] == "best"


def test_holm_keeps_what_one_test_alone_would_drop() -> None:
    values = {"best": {1: 1.0, 2: 2.0, 3: 3.0}} | {f"v{i}": {1: 1.1, 2: 2.2, 3: 3.3} for i in range(5)}
    assert worse(values["best"], values["v0"], lower=True) < 0.05  # type: ignore[operator]
    assert ranks(values, lower=True)["v0"] == "tied"


def test_a_best_of_one_seed_beats_nobody_in_a_column_that_is_tested() -> None:
    """Unmarked would say that a test found them worse."""
    values = {"lucky": {1: 1.0}, "a": {1: 1.5, 2: 1.6, 3: 1.4}, "b": {1: 5.0, 2: 5.1, 3: 5.2}, "once": {2: 9.0}}
    assert ranks(values, lower=True) == {"lucky": "best", "a": "tied", "b": "tied", "once": "tied"}
    apart = {"lucky": (0.9, 1.1), "once": (8.9, 9.1)}  # intervals over images say nothing of seeds
    assert ranks(values, lower=True, intervals=apart)["once"] == "tied"
    assert ranks({name: values[name] for name in ("lucky", "a")}, lower=True) == {"lucky": "best", "a": ""}


def test_with_one_seed_each_only_intervals_can_tie() -> None:
    values = {"a": {1: 1.0}, "b": {1: 1.1}, "c": {1: 2.0}}
    assert ranks(values, lower=True) == {"a": "best", "b": "", "c": ""}
    assert ranks({"a": {1: 1.0}, "b": {2: 1.0}}, lower=True) == {"a": "best", "b": "tied"}
    intervals = {"a": (0.9, 1.1), "b": (1.0, 1.2), "c": (1.9, 2.1)}
    assert ranks(values, lower=True, intervals=intervals) == {"a": "best", "b": "tied", "c": ""}
