"""One process at a time writes to a folder."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
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
    before = (tmp_path / "sweep" / "0" / "summary.json").read_bytes()
    with holder(tmp_path / "sweep") as process:
        assert enter("resume_sweep=sweep") == 1
        process.kill()
    assert "sweep is being written to" in capfd.readouterr().err
    assert (tmp_path / "sweep" / "0" / "summary.json").read_bytes() == before


def test_what_is_left_of_a_killed_sweep_is_not_cleared_away_under_a_job_that_lives_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    enter = typing(monkeypatch, tmp_path)
    assert enter("-m", *SMALL, "seed=1,2", "hydra.sweep.dir=sweep") == 0
    job = tmp_path / "sweep" / "1"
    (job / "summary.json").write_text('{"status": "running"}')
    (job / "checkpoints" / "last.ckpt").unlink()
    before = {file: file.read_bytes() for file in job.rglob("*") if file.is_file()}
    with holder(job) as process:
        enter("resume_sweep=sweep")
        process.kill()
    assert "is being written to" in capfd.readouterr().err
    assert {file: file.read_bytes() for file in job.rglob("*") if file.is_file()} == before
    assert enter("resume_sweep=sweep") == 0


def test_a_new_run_in_the_folder_of_another_leaves_that_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    enter = typing(monkeypatch, tmp_path)
    assert enter(*SMALL, "hydra.run.dir=run") == 0
    before = {file: file.read_bytes() for file in (tmp_path / "run").rglob("*") if file.is_file()}
    assert enter(*SMALL, "model=vae", "hydra.run.dir=run") == 1
    assert "already holds a run. Go on with it by resume=" in capfd.readouterr().err
    (tmp_path / "new").mkdir()
    with holder(tmp_path / "new") as process:
        assert enter(*SMALL, "hydra.run.dir=new") == 1
        process.kill()
    assert "new is being written to" in capfd.readouterr().err
    assert not any((tmp_path / "new").iterdir())
    assert {file: file.read_bytes() for file in (tmp_path / "run").rglob("*") if file.is_file()} == before


def test_one_job_in_the_sweep_s_own_folder_is_no_stranger_to_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    enter = typing(monkeypatch, tmp_path)
    assert enter("-m", *SMALL, "seed=1", "hydra.sweep.dir=sweep", "hydra.sweep.subdir=.") == 0


def test_looking_keeps_nobody_from_holding(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        looks = pool.submit(lambda: [is_held(tmp_path) for _ in range(3000)])
        for _ in range(1000):
            with held(tmp_path):
                pass
        assert len(looks.result()) == 3000
    assert not is_held(tmp_path)


def test_a_new_sweep_in_the_folder_of_another_leaves_that_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    enter = typing(monkeypatch, tmp_path)
    assert enter("-m", *SMALL, "seed=1,2", "hydra.sweep.dir=sweep") == 0
    before = {file: file.read_bytes() for file in (tmp_path / "sweep").rglob("*") if file.is_file()}
    assert enter("-m", *SMALL, "seed=3,4", "hydra.sweep.dir=sweep") == 1
    assert "already holds a sweep. Go on with it by resume_sweep=" in capfd.readouterr().err
    assert {file: file.read_bytes() for file in (tmp_path / "sweep").rglob("*") if file.is_file()} == before
