"""The figures of a scorecard.json, under keys of their own, with PCA's beside them."""

from collections.abc import Mapping
from typing import Any

from src.comparison.foreign_text import one_line
from src.comparison.records import Metric

SCORECARD = "scorecard"
LARGEST = 1e150
"""Beyond it a figure cannot be squared; no run in 32 bits gives one."""
LONGEST_UNIT = 20
WAY = ("suite", "max_samples", "checkpoint", "dials")
"""Entries that say how a card was measured."""


def is_figure(value: Any) -> bool:
    """Whether it is a number to compute with; neither is what stands for none, nor what is no number at all."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST


class ScoreCard:
    """What is read of one; entries that are no figures are none."""

    def __init__(self, card: Mapping[str, Any]) -> None:
        self.figures: dict[str, float] = {}
        self.sources: dict[str, str] = {}
        self.intervals: dict[str, tuple[float, float]] = {}
        self.described: dict[str, Metric] = {}
        self.way = {key: card[key] for key in WAY if key in card}
        self.epochs = card.get("epochs")
        scores = card.get("scores", {})
        for name, score in scores.items() if isinstance(scores, dict) else ():
            if isinstance(score, dict):
                self._add(one_line(name), score)

    def _add(self, name: str, score: Mapping[str, Any]) -> None:
        key = f"{SCORECARD}/{name}"
        for own, entry in ((key, "value"), (f"{key}/pca", "pca")):
            if is_figure(score.get(entry)):
                self.figures[own] = score[entry]
                self.sources[own] = f"scorecard.json: scores, {name}, {entry}"
        low, high = score.get("low"), score.get("high")
        if is_figure(low) and is_figure(high):
            self.intervals[key] = (low, high)  # type: ignore[assignment]
        better, unit = score.get("better"), one_line(score.get("unit") or "", LONGEST_UNIT)
        self.described[key] = Metric(
            key,
            name.replace("/", ": ", 1).replace("_", " ") + (f" ({unit})" if unit else ""),
            better if better in ("lower", "higher") else None,
            f"{key}/pca" if f"{key}/pca" in self.figures else None,
        )
