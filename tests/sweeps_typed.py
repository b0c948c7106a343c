"""What the tests of sweeps share: typing a command, small runs, and Ctrl-C in one of them."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from src import train
from src.models import ReconstructionModule
from tests.conftest import ALONE, NO_PICTURES

Enter = Callable[..., int]
SMALL = [*ALONE, *NO_PICTURES, "data.limit=64", "network.hidden=[8]", "trainer.max_epochs=2"]
"""Two steps of one batch."""


def typing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Enter:
    """Types `python -m src.train ...` in `folder`, in this process; gives the exit code."""
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    monkeypatch.chdir(folder)

    def typed(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", [str(Path(train.__file__)), *arguments])
        try:
            train.main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return typed


def at_step(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException) -> None:
    """Raise `error` at the given training step, counted over all runs from now on."""
    original, taken = ReconstructionModule.training_step, iter(range(10**6))

    def training_step(self: ReconstructionModule, batch: object, batch_idx: int) -> object:
        if next(taken) == number:
            raise error
        return original(self, batch, batch_idx)  # type: ignore[arg-type]

    monkeypatch.setattr(ReconstructionModule, "training_step", training_step)
