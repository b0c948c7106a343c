"""One process at a time writes to a folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from src.errors import UserError
from src.holding import held, is_held
from tests.conftest import run
from tests.sweeps_typed import SMALL, typing

HOLDER = "import sys, time; from pathlib import Path; from src.holding import held\n"
HOLDER += "with held(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds the folder."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_folder_is_held_until_its_process_ends_however_it_ends(tmp_path: Path) -> None:
    process = holder(tmp_path)
    assert is_held(tmp_path)
    with pytest.raises(UserError, match="still runs"), held(tmp_path):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not is_held(tmp_path)
    with held(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)
    assert not is_held(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_at_work_is_not_gone_on_with(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(folder, *SMALL)
    before = (folder / "summary.json").read_bytes()
    with holder(folder) as process:
        with pytest.raises(UserError, match="is being written to"):
            run(folder, *SMALL, f"resume={folder}", "trainer.max_epochs=9")
        process.kill()
    assert (folder / "summary.json").read_bytes() == before
    run(folder, *SMALL, f"resume={folder}", "trainer.max_epochs=9")


def test_a_sweep_that_is_at_work_is_not_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    enter = typing(monkeypatch, tmp_path)
    assert enter("-m", *SMALL, "seed=1,fast", "hydra.sweep.dir=sweep") == 1
    with holder(tmp_path / "sweep") as process:
        assert enter("resume_sweep=sweep") == 1
        process.kill()
    assert "sweep is being written to" in capfd.readouterr().err
