"""The card: every section on the model of a run and on PCA, their figures side by side."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from src.scorecard.contenders import Contender
from src.scorecard.findings import Findings, Measured, interval
from src.scorecard.pool import Pool
from src.scorecard.section import Section

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Step = Callable[[str], None]
"""Is told what comes next, before each of a card's steps."""
STEPS_A_SECTION = 3
"""The model, PCA, the pictures."""
CANNOT = {
    "encode": "has no encoder",
    "decode": "makes no images from a code alone",
    "reconstruct": "reconstructs no images",
    "sample": "makes no new images",
    "likelihood": "has no likelihood with this loss and network",
}
"""What is told of a contender that lacks a capability."""


@dataclass(frozen=True)
class Line:
    """One figure of the model, and PCA's beside it where it has one."""

    model: Measured
    rival: Measured | None = None

    @property
    def model_is_better(self) -> bool | None:
        """Whether the model's figure is better than PCA's, or worse; None where the intervals leave that open.

        Means over as many examples are compared in pairs: the 95 % interval of their difference, both resampled alike,
        leaves out 0 (of samples, which do not belong together, pairs are as good as any). Where there are only the two
        intervals, they must not meet. Each figure is judged by itself: of many, one in twenty is marked by chance.
        """
        if self.rival is None or self.model.better is None:
            return None
        low, high = self._difference()
        higher = True if low > 0 else False if high < 0 else None  # not a number is neither
        return None if higher is None else higher == (self.model.better == "higher")

    def _difference(self) -> tuple[float, float]:
        """The ends of the interval of the model's figure minus PCA's."""
        mine, other = self.model, self.rival
        assert other is not None
        if mine.resampled is not None and other.resampled is not None and mine.n == other.n:
            return interval(mine.resampled - other.resampled)
        if mine.low is None or mine.high is None or other.low is None or other.high is None:
            return 0.0, 0.0
        return mine.low - other.high, mine.high - other.low

    def plain(self) -> dict[str, Any]:
        """As it stands in scorecard.json."""
        mine, other = self.model, self.rival
        values: dict[str, Any] = {"value": mine.value, "low": mine.low, "high": mine.high, "n": mine.n}
        values |= {"better": mine.better, "unit": mine.unit}
        if other is not None:
            values |= {"pca": other.value, "pca_low": other.low, "pca_high": other.high}
            values["better_than_pca"] = self.model_is_better
        return values


@dataclass
class Card:
    """What all sections found."""

    model: str
    rival: str
    lines: dict[str, Line] = field(default_factory=dict)
    """By "<section>/<figure>"."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Why a figure, or "<section>/*", is not there, in a sentence."""
    seconds: dict[str, float] = field(default_factory=dict)
    """What each section took, its pictures included."""
    pictures: dict[str, "Figure"] = field(default_factory=dict)


def measured(sections: Iterable[Section], model: Contender, rival: Contender, pool: Pool, step: Step) -> Card:
    """Measure the model and PCA by every section. A section that the model cannot be measured by is skipped."""
    card = Card(model.name, rival.name)
    for section in sections:
        with _timed(card, section.name):
            _measure(card, section, model, rival, pool, step)
    return card


def _measure(card: Card, section: Section, model: Contender, rival: Contender, pool: Pool, step: Step) -> None:
    name, pcas = section.name, Findings()
    step(f"{name} of {model.name}")
    if why := _cannot(section, model):
        card.skipped[f"{name}/*"] = why
        return
    found = section.measure(model, pool)
    if not section.models_only and not _cannot(section, rival):
        step(f"{name} of {rival.name}")
        pcas = section.measure(rival, pool)
    card.lines |= {f"{name}/{figure}": Line(m, pcas.scores.get(figure)) for figure, m in found.scores.items()}
    card.skipped |= {f"{name}/{figure}": why for figure, why in found.skipped.items()}
    only_pca = pcas.skipped.items() - found.skipped.items()
    card.skipped |= {f"{name}/{figure} of {rival.name}": why for figure, why in sorted(only_pca)}
    step(f"{name}, pictures")
    if found.scores:
        drawn = section.pictures(model, rival, pool)
        twice = drawn.keys() & card.pictures.keys()
        assert not twice, f"two sections draw a picture of the name {twice}"
        card.pictures |= drawn


def _cannot(section: Section, who: Contender) -> str:
    """Why there is no such section for this contender; empty where there is one."""
    missing = sorted(section.needs - who.can)
    return f"{who.name} {' and '.join(CANNOT[what] for what in missing)}." if missing else ""


@contextmanager
def _timed(card: Card, name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    card.seconds[name] = round(time.perf_counter() - began, 3)
