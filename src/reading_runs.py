"""Run folders as the plain records that a comparison is made from. Nothing is built, and nothing is written."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from src.comparison.records import Metric, Run
from src.errors import UserError
from src.run_folder import RunFolder

FINISHED = ("finished", "stopped early")
SCORECARD = "scorecard"


class Read:
    """What was read: runs to compare, folders left out with the reason of each, and notes on damaged curves."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.runs: list[Run] = []
        self.left_out: list[tuple[Path, str]] = []
        self.notes: list[str] = []
        for path in paths:
            try:
                self._add(RunFolder(path))
            except UserError as error:
                self.left_out.append((path, str(error)))

    def _add(self, folder: RunFolder) -> None:
        summary = folder.summary()
        if why := why_not(summary):
            self.left_out.append((folder.path, why))
            return
        folder.check()
        figures = dict(_summary_figures(summary))
        sources = {key: f"summary.json: {key}" for key in figures}
        card = self._card(folder)
        self.runs.append(
            Run(
                folder=folder.path,
                seed=int(summary.get("seed") or 0),
                config=_plain(folder),
                overrides=folder.overrides(),
                figures=figures | card.figures,
                sources=sources | card.sources,
                curves=self._curves(folder.path / "metrics.csv"),
                pictures={file.stem: file for file in sorted((folder.path / "figures").glob("*.png"))},
                intervals=card.intervals,
                described=card.described,
                card=card.way,
            )
        )

    def _card(self, folder: RunFolder) -> "_Card":
        try:
            return _Card(folder.scorecard())
        except UserError as error:
            self.notes.append(str(error))
            return _Card({})

    def _curves(self, file: Path) -> dict[str, list[float | None]]:
        try:
            return curves(file)
        except UserError as error:
            self.notes.append(str(error))
            return {}


def why_not(summary: Mapping[str, Any]) -> str:
    """Why a run with this summary cannot be compared; nothing for one that can."""
    status = summary.get("status")
    if status in FINISHED:
        return ""
    if not summary:
        return "still going, or was killed before it began: it has no summary.json yet"
    if status == "running":
        return "still going, or was killed: the status in its summary.json is 'running'"
    if status == "failed":
        return f"failed: {summary.get('error', 'its summary.json does not say why')}"
    if status == "interrupted":
        return f"interrupted after {summary.get('train/epochs', 0)} epochs; resume=<folder> goes on with it"
    return f"its summary.json has no status that is known: {status}"


def _summary_figures(summary: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers of a summary; what was not finite stands there as null, and is none."""
    for key, value in summary.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and key != "seed":
            yield key, value


def _plain(folder: RunFolder) -> dict[str, Any]:
    config = OmegaConf.to_container(folder.config())
    assert isinstance(config, dict)
    return {str(key): value for key, value in config.items()}


def curves(file: Path) -> dict[str, list[float | None]]:
    """The columns of a metrics.csv, none where there is no file.

    Raises:
        UserError: it is no table of numbers.
    """
    if not file.is_file():
        return {}
    try:
        with file.open(newline="", encoding="utf-8") as text:
            rows = list(csv.DictReader(text, strict=True))
        table = {key: [_number(row[key]) for row in rows] for key in (rows[0] if rows else ())}
        if rows and not any(value is not None for value in table.get("epoch", ())):
            raise ValueError("it has no column 'epoch'")
        return table
    except (OSError, ValueError, TypeError, KeyError, AttributeError, csv.Error) as error:
        raise UserError(f"{file} is damaged, so its curves are not drawn: {error}") from error


def _number(text: str) -> float | None:
    value = float(text) if text else math.nan
    return value if math.isfinite(value) else None


class _Card:
    """The figures of a scorecard.json, under keys of their own, with PCA's beside them."""

    def __init__(self, card: Mapping[str, Any]) -> None:
        self.figures: dict[str, float] = {}
        self.sources: dict[str, str] = {}
        self.intervals: dict[str, tuple[float, float]] = {}
        self.described: dict[str, Metric] = {}
        self.way = {key: card[key] for key in ("suite", "max_samples", "checkpoint") if key in card}
        scores = card.get("scores", {})
        for name, score in scores.items() if isinstance(scores, dict) else ():
            if isinstance(score, dict):
                self._add(name, score)

    def _add(self, name: str, score: Mapping[str, Any]) -> None:
        key = f"{SCORECARD}/{name}"
        for own, entry in ((key, "value"), (f"{key}/pca", "pca")):
            if _finite(score.get(entry)):
                self.figures[own] = score[entry]
                self.sources[own] = f"scorecard.json: scores, {name}, {entry}"
        low, high = score.get("low"), score.get("high")
        if _finite(low) and _finite(high):
            self.intervals[key] = (low, high)  # type: ignore[assignment]
        better, unit = score.get("better"), score.get("unit")
        self.described[key] = Metric(
            key,
            name.replace("/", ": ", 1).replace("_", " ") + (f" ({unit})" if unit else ""),
            better if better in ("lower", "higher") else None,
            f"{key}/pca" if f"{key}/pca" in self.figures else None,
        )


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
