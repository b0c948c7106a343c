"""Run folders as the plain records that a comparison is made from. Nothing is built, and nothing is written."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from src.comparison.foreign_text import one_line
from src.comparison.records import Run
from src.comparison.score_card import ScoreCard, is_figure
from src.errors import UserError
from src.holding import is_held
from src.run_folder import FINISHED, RunFolder

MOST_EPOCHS = 10**9


class Read:
    """What was read: runs to compare, folders left out with the reason of each, and notes on what else is damaged.

    A folder may come from a stranger: what it says is cut to one line of plain text, and no file is followed out of it.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.runs: list[Run] = []
        self.left_out: list[tuple[Path, str]] = []
        self.notes: list[str] = []
        for path in paths:
            try:
                self._add(RunFolder(path))
            except UserError as error:
                self.left_out.append((path, one_line(error)))
        self.notes = [one_line(note) for note in self.notes]

    def _add(self, folder: RunFolder) -> None:
        summary = folder.summary()
        going = summary.get("status") not in FINISHED and is_held(folder.path)
        if why := why_not(summary, going):
            self.left_out.append((folder.path, one_line(why)))
            return
        folder.check()
        if not is_figure(seed := summary.get("seed") or 0):
            raise UserError(f"{folder.path / 'summary.json'} is damaged: its seed is {seed}")
        figures = dict(_summary_figures(summary))
        sources = {key: f"summary.json: {key}" for key in figures}
        card = self._card(folder, summary)
        self.runs.append(
            Run(
                folder=folder.path,
                seed=int(seed),
                config=_plain(folder),
                overrides=folder.overrides(),
                figures=figures | card.figures,
                sources=sources | card.sources,
                curves=self._curves(folder.path / "metrics.csv"),
                pictures={one_line(file.stem): file for file in self._pictures(folder.path)},
                intervals=card.intervals,
                described=card.described,
                card=card.way,
            )
        )

    def _card(self, folder: RunFolder, summary: Mapping[str, Any]) -> ScoreCard:
        """What the score card says; of one that was measured before the run trained on, nothing."""
        try:
            card = ScoreCard(folder.scorecard())
        except UserError as error:
            self.notes.append(str(error))
            return ScoreCard({})
        epochs = summary.get("train/epochs")
        if card.epochs in (None, epochs):
            return card
        self.notes.append(
            f"{folder.path / 'scorecard.json'} was measured after {card.epochs} epochs, and the run has trained on to "
            f"{epochs}, so its figures are left out: evaluate it again."
        )
        return ScoreCard({})

    def _pictures(self, folder: Path) -> Iterator[Path]:
        """The PNG files of its figures/; a link to elsewhere would put another's picture into the page."""
        for file in sorted((folder / "figures").glob("*.png")):
            if not file.resolve().is_relative_to(folder.resolve()):
                self.notes.append(f"{file} is a link that leads out of the run folder, so it is not shown.")
            elif file.is_file():
                yield file

    def _curves(self, file: Path) -> dict[str, list[float | None]]:
        try:
            return curves(file)
        except UserError as error:
            self.notes.append(str(error))
            return {}


def why_not(summary: Mapping[str, Any], going: bool = False) -> str:
    """Why a run with this summary cannot be compared; nothing for one that can. `going`: whether it is at work now."""
    status = summary.get("status")
    if status in FINISHED:
        return ""
    if going:
        return "still going"
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
        if is_figure(value) and key != "seed":
            yield one_line(key), value


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
        table = {one_line(key): [_number(row[key]) for row in rows] for key in (rows[0] if rows else ())}
        epochs = [value for value in table.get("epoch", ()) if value is not None]
        if rows and not epochs:
            raise ValueError("it has no column 'epoch'")
        if not all(0 <= epoch < MOST_EPOCHS and epoch.is_integer() for epoch in epochs):
            raise ValueError("its epochs are not 0, 1, 2, ...")
        return table
    except (OSError, ValueError, TypeError, KeyError, AttributeError, csv.Error) as error:
        raise UserError(f"{file} is damaged, so its curves are not drawn: {error}") from error


def _number(text: str) -> float | None:
    value = float(text) if text else math.nan
    return value if is_figure(value) else None
