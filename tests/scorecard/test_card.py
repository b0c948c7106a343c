"""The card pairs a model's figures with PCA's, and says which is better where that is more than chance."""

import math
from typing import ClassVar

import pytest
import torch
from matplotlib.figure import Figure
from rich.console import Console
from torch import Tensor

from src.scorecard.card import Card, Line, measured
from src.scorecard.contenders import Contender
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Pool
from src.scorecard.section import Section
from src.scorecard.table import card_table, skipped_lines, told_live
from tests.scorecard.contender import Changed, pool

NOISE = torch.randn(400, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
DATA = pool(torch.rand(3, 1, 4, 4))


class Fixed(Section):
    """Finds the same for everyone."""

    name = "fixed"

    def __init__(self, **figures: Measured) -> None:
        self.figures = figures

    def measure(self, who: Contender, pool: Pool) -> Findings:
        return Findings(dict(self.figures), {} if who.name == "Changed" else {"odd": "It is odd."})

    def pictures(self, model: Contender, rival: Contender, pool: Pool) -> dict[str, Figure]:
        return {self.name: Figure()}


class Sampling(Fixed):
    name = "sampling"
    needs: ClassVar[frozenset[str]] = frozenset({"sample"})


class Own(Fixed):
    name = "own"
    models_only = True


def card_of(*sections: Section) -> Card:
    model, rival = Changed(lambda x: x), Changed(lambda x: x, "PCA-2")
    return measured(sections, model, rival, DATA, lambda what: None)


@pytest.mark.parametrize(("shift", "better"), [(-0.1, True), (0.1, False), (0.0, None)])
def test_the_same_examples_are_compared_in_pairs(shift: float, better: bool | None) -> None:
    """Both intervals are wide and overlap; the difference is the same for each example."""
    model, rival = mean_of(NOISE + shift, "lower"), mean_of(NOISE, "lower")
    assert Line(model, rival).model_is_better is better
    if better is not None:
        assert Line(mean_of(NOISE + shift, "higher"), mean_of(NOISE, "higher")).model_is_better is not better


def test_a_difference_that_may_be_chance_is_left_open() -> None:
    other = torch.randn(400, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert Line(mean_of(NOISE, "lower"), mean_of(other, "lower")).model_is_better is None


@pytest.mark.parametrize(
    ("model", "rival", "better"),
    [
        (Measured(1, "lower", low=0, high=2), Measured(4, "lower", low=3, high=5), True),
        (Measured(1, "higher", low=0, high=2), Measured(4, "higher", low=3, high=5), False),
        (Measured(1, "lower", low=0, high=3.5), Measured(4, "lower", low=3, high=5), None),
        (Measured(1, "lower"), Measured(4, "lower"), None),
        (Measured(1, low=0, high=2), Measured(4, low=3, high=5), None),
        (Measured(math.nan, "lower", low=math.nan, high=math.nan), Measured(4, "lower", low=3, high=5), None),
        (Measured(1, "lower", low=0, high=2), None, None),
    ],
)
def test_without_resamples_the_intervals_must_not_meet(
    model: Measured, rival: Measured | None, better: bool | None
) -> None:
    assert Line(model, rival).model_is_better is better


def test_figures_stand_side_by_side_under_their_section() -> None:
    card = card_of(Fixed(a=Measured(3, "lower", "dB", 2, 4, 10)), Own(b=Measured(7)))
    assert card.lines["fixed/a"].plain() == {
        "value": 3,
        "low": 2,
        "high": 4,
        "n": 10,
        "better": "lower",
        "unit": "dB",
        "pca": 3,
        "pca_low": 2,
        "pca_high": 4,
        "better_than_pca": None,
    }
    assert "pca" not in card.lines["own/b"].plain()
    assert card.skipped == {"fixed/odd of PCA-2": "It is odd."}
    assert set(card.seconds) == {"fixed", "own"} == set(card.pictures)


def test_a_section_that_the_model_cannot_be_measured_by_says_why() -> None:
    card = card_of(Sampling(a=Measured(3)))
    assert (card.lines, card.pictures) == ({}, {})
    assert card.skipped == {"sampling/*": "Changed makes no new images."}


def test_two_pictures_of_one_name_are_a_fault() -> None:
    with pytest.raises(AssertionError, match="two sections"):
        card_of(Fixed(a=Measured(1)), Fixed(a=Measured(1)))


def lines(card: Card) -> list[str]:
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(card_table(card))
    return capture.get().splitlines()


def row(card: Card, name: str) -> list[str]:
    (found,) = [line for line in lines(card) if line.strip("│ ").startswith(f"{name} ")]
    return [cell.strip() for cell in found.strip("│").split("│")]


def test_the_table_shows_intervals_and_a_star() -> None:
    card = Card("VAE", "PCA-2")
    card.lines = {
        "a/se": Line(mean_of(NOISE / 100 + 7.5, "lower"), mean_of(NOISE / 100 + 8, "lower")),
        "a/psnr": Line(Measured(20.123, "higher", "dB", 20, 20.25), Measured(21, "higher", "dB", 20.9, 21.1)),
        "a/tied": Line(Measured(1.0, "higher", "", 0.9, 1.0), Measured(0.95, "higher", "", 0.9, 1.0)),
        "b/parameters": Line(Measured(335440), Measured(576)),
        "b/nothing": Line(Measured(math.nan, "lower"), None),
    }
    assert row(card, "se")[1].startswith("7.5")
    assert row(card, "se")[1].endswith("] *")
    assert not row(card, "se")[2].endswith("*")
    assert row(card, "psnr (dB)") == ["psnr (dB)", "20.12 [20.00, 20.25]", "21.00 [20.90, 21.10] *"]
    assert row(card, "tied") == ["tied", "1.000 [0.900, 1.000]", "0.9500 [0.9000, 1.0000]"]
    assert row(card, "parameters") == ["parameters", "335,440", "576"]
    assert row(card, "nothing") == ["nothing", "nan", ""]


def test_a_table_of_many_classes_is_short() -> None:
    card = Card("VAE", "PCA-2", {f"a/se/{k}": Line(Measured(k)) for k in range(20)})
    assert len([line for line in lines(card) if "se/" in line]) == 13
    assert any("se/...: 8 more in scorecard.json" in line for line in lines(card))


def test_what_is_left_out_is_told_but_not_what_pca_lacks() -> None:
    card = Card("VAE", "PCA-2", skipped={"a/*": "Why not.", "b/c of PCA-2": "It is PCA.", "d/e": "Why not."})
    assert skipped_lines(card) == ["a/*, d/e: Why not."]


def test_without_a_terminal_each_step_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with told_live(2, Console(force_terminal=False)) as step:
        step("one")
        step("two")
    assert capsys.readouterr().err == "one\ntwo\n"


def test_in_a_terminal_a_bar_moves() -> None:
    console = Console(force_terminal=True, width=80)
    with console.capture() as capture, told_live(4, console) as step:
        step("one")
        step("two")
    assert "two" in capture.get()
    assert "1/4" in capture.get()


def test_codes_and_reconstructions_are_computed_once() -> None:
    calls: list[int] = []

    def change(x: Tensor) -> Tensor:
        calls.append(len(x))
        return x

    model = Changed(change)
    first, second = (model.reconstructions(DATA.test) for _ in range(2))
    assert first is second
    assert calls == [3]
