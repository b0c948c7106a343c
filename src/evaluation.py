"""The score card of one finished run, from its folder to `scorecard.json`."""

import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast

import torch
from rich.console import Console

from src import tracking
from src.data import DataModule
from src.drawing.whole_files import whole
from src.errors import UserError
from src.pca import PCA, images_at_once
from src.ranges import PositiveInt, Seed
from src.run_folder import OpenedRun, RunFolder, open_run
from src.scorecard.card import STEPS_A_SECTION, Card, measured
from src.scorecard.contenders import Rival, Trained
from src.scorecard.pool import Pool
from src.scorecard.section import Section
from src.scorecard.table import WIDTH, card_table, skipped_lines, told_live
from src.surroundings import quiet_lightning, versions


@contextmanager
def quiet() -> Iterator[None]:
    """Without what Lightning and torch say about their own parts."""
    with quiet_lightning():
        warnings.filterwarnings("ignore", message=".*torch.jit.script. is deprecated.*")
        yield


PREFIX = "scorecard_"
"""Of the pictures in the run's figures/."""


class Evaluation:
    """Measures a finished run by every section, each figure beside PCA's at the same code size.

    Args:
        run: the run folder.
        checkpoint: "best" is what the run's own test figures are of.
        suite: what the choice of sections is called.
        seed: of everything that is drawn in measuring: resamples, noise, samples.
        max_samples: evenly spaced examples of the training set, and as many of the test set, that are measured on.
        sections: by name; None is left out.
        wandb: whether the figures and pictures also go to the run's own W&B run.
    """

    def __init__(
        self,
        run: str,
        checkpoint: Literal["best", "last"],
        suite: str,
        seed: Seed,
        max_samples: PositiveInt,
        sections: dict[str, Section | None],
        wandb: bool = False,
    ) -> None:
        self.folder, self.checkpoint, self.suite, self.seed = RunFolder(run), checkpoint, suite, seed
        self.max_samples, self.wandb = max_samples, wandb
        self.sections = [section for section in sections.values() if section is not None]

    def __call__(self, typed: Sequence[str] = ()) -> dict[str, Any]:
        """Measure, write and show; returns what stands in scorecard.json.

        Args:
            typed: what was typed; what is about sections is kept in the card, because figures that were measured in
                another way do not compare.

        Raises:
            UserError: the folder is no finished run, its checkpoint or its data cannot be used, or nothing is left to
                measure.
        """
        began = time.perf_counter()
        self._check()
        torch.manual_seed(self.seed)
        with quiet(), told_live(1 + STEPS_A_SECTION * len(self.sections), Console(stderr=True)) as step:
            step("data and PCA")
            model, rival, pool, opened = self._opened()
            prepared = time.perf_counter() - began
            card = measured(self.sections, model, rival, pool, step)
        seconds = {"preparation": round(prepared, 3), **card.seconds}
        seconds["total"] = round(time.perf_counter() - began, 3)
        values = self._plain(card, pool) | {"dials": _dials(typed), "seconds": seconds}
        pictures = self._write(card, values)
        self._show(card, pictures, opened)
        return values

    def _check(self) -> None:
        """A run that is not over would be measured half-way, and its folder is still written to."""
        self.folder.check()
        path, status = self.folder.path, self.folder.summary().get("status")
        if status not in ("finished", "stopped early"):
            raise UserError(
                f"{path} holds no finished run (its summary.json says {status or 'nothing'}). Let it finish, or go on "
                f"with it: python -m src.train resume='{path}'"
            )
        if not self.sections:
            raise UserError("every section is switched off, so there is nothing to measure. Leave one on.")
        try:  # found out now, not after minutes of measuring
            (path / "figures").mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=path), tempfile.TemporaryFile(dir=path / "figures"):
                pass
        except OSError as error:
            raise self._unwritten(error) from error

    def _opened(self) -> tuple[Trained, Rival, Pool, OpenedRun]:
        opened = open_run(self.folder.path, self.checkpoint)
        data = cast(DataModule, opened.data)
        data.setup()
        at_once = images_at_once(data.shape)
        pca = PCA.fit(lambda: (batch.x for batch in data.train_set.batches(at_once)), opened.model.code_size)
        pool = Pool.of(data, self.max_samples, self.seed)
        return Trained(opened.model), Rival(pca, pool.train), pool, opened

    def _plain(self, card: Card, pool: Pool) -> dict[str, Any]:
        return {
            "suite": self.suite,
            "seed": self.seed,
            "max_samples": self.max_samples,
            "test_images": len(pool.test),
            "train_images": len(pool.train),
            "model": card.model,
            "rival": card.rival,
            "checkpoint": self.checkpoint,
            "epochs": self.folder.summary().get("train/epochs"),
            "scores": {name: line.plain() for name, line in card.lines.items()},
            "skipped": card.skipped,
        }

    def _write(self, card: Card, values: dict[str, Any]) -> dict[str, Path]:
        """scorecard.json and the pictures as PNG, in place of those of an earlier card, each whole or not at all.

        The pictures of the earlier card go last: whatever goes wrong before, the figures of one are there.
        """
        folder = self.folder.path / "figures"
        paths = {name: folder / f"{PREFIX}{name}.png" for name in card.pictures}
        try:
            for name, figure in card.pictures.items():
                with whole(paths[name]) as temporary:
                    figure.savefig(temporary, dpi=110)
            self.folder.write_scorecard(values | versions())
            for old in set(folder.glob(f"{PREFIX}*.png")) - set(paths.values()):
                old.unlink(missing_ok=True)  # another evaluation of the run may have been faster
        except OSError as error:
            raise self._unwritten(error) from error
        return paths

    def _unwritten(self, error: OSError) -> UserError:
        return UserError(
            f"the score card cannot be written to {self.folder.path}: {error.strerror or error}. Make room or make it "
            "writable, or measure a copy of the folder."
        )

    def _show(self, card: Card, pictures: dict[str, Path], opened: OpenedRun) -> None:
        console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else WIDTH)
        if card.lines:
            console.print(card_table(card))
            console.print(
                "* the better one, where that is more than chance: the 95 % interval of the difference leaves out 0"
            )
        for line in skipped_lines(card):
            console.print(f"left out: {line}", markup=False)
        console.print(f"figures: {self.folder.path / 'scorecard.json'}", markup=False)
        if pictures:
            console.print(f"pictures: {self.folder.path / 'figures'}/{PREFIX}*.png", markup=False)
        if self.wandb:
            console.print(self._track(card, pictures, opened), markup=False)

    def _track(self, card: Card, pictures: dict[str, Path], opened: OpenedRun) -> str:
        dials = opened.config.logger.get("wandb") or {}
        chosen = {key: dials[key] for key in ("project", "entity", "mode") if key in dials}
        figures = {f"scorecard/{name}": line.model.value for name, line in card.lines.items()}
        figures |= {f"scorecard/{name}/pca": line.rival.value for name, line in card.lines.items() if line.rival}
        return tracking.log_scorecard(self.folder.path, figures, {PREFIX + k: v for k, v in pictures.items()}, **chosen)


def _dials(typed: Sequence[str]) -> list[str]:
    """What was typed of the sections; to leave one out changes no figure of another."""
    about = [override for override in typed if override.lstrip("+~").startswith("sections.")]
    return sorted(override for override in about if not (override.endswith("=null") and override.count(".") == 1))
