"""Every command in the README runs, with a few options added that only make it small."""

import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from joblib.externals.loky import get_reusable_executor

from src import compare, evaluate, train
from src.configuration.files import CONF
from tests.data.idx_files import write_mnist

ROOT = CONF.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SMALL = ["data.limit=64", "trainer.max_epochs=1", "callbacks.latent_map=null"]
ENTRY = ["python", "-m", "src.train"]
EVALUATE, COMPARE = (["python", "-m", f"src.{entry}"] for entry in ("evaluate", "compare"))
ENTRIES = {"src.train": train, "src.evaluate": evaluate, "src.compare": compare}
EXAMPLE = "model=tanh"


def blocks(language: str, text: str = README) -> list[str]:
    """The contents of the code blocks in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


COMMANDS = [
    words
    for block in blocks("bash")
    for line in block.splitlines()
    if (words := shlex.split(line, comments=True)) and EXAMPLE not in words
]
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def entry_arguments(words: list[str]) -> list[str] | None:
    """What a command of the README hands to `src.train`; None where it does not call it."""
    if words[:2] == ["make", "train"]:
        return shlex.split("".join(word.removeprefix("ARGS=") for word in words[2:]))
    return words[3:] if words[:3] == ENTRY else None


TRAINED = list(dict.fromkeys(" ".join(map(shlex.quote, a)) for c in COMMANDS if (a := entry_arguments(c)) is not None))
MEASURED = [" ".join(map(shlex.quote, words[2:])) for words in COMMANDS if words[:3] in (EVALUATE, COMPARE)]
Enter = Callable[..., int]


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Enter:
    """Types `python -m <entry> ...` in a folder with a small MNIST, with no key to W&B; gives the exit code."""
    for name in [name for name in os.environ if name.startswith("WANDB_") or name == "HYDRA_FULL_ERROR"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WANDB_MODE", "offline")
    write_mnist(tmp_path / "images", n_train=200, n_test=40)  # random pixels in real files: quick, and on any machine
    monkeypatch.setenv("HOURGLASS_DATA", str(tmp_path / "images"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))  # what is kept from one measurement to the next lies there
    monkeypatch.chdir(tmp_path)

    def typed(*arguments: str, entry: str = "src.train") -> int:
        monkeypatch.setattr(sys, "argv", [str(ENTRIES[entry].__file__), *arguments])
        try:
            ENTRIES[entry].main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return typed


def summaries() -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in Path("outputs").glob("**/summary.json")]


FEW_TRIALS = 2


def jobs(arguments: list[str]) -> int:
    """How many runs the command starts."""
    if "-m" not in arguments:
        return 1
    if searches(arguments):
        return FEW_TRIALS
    values = [word.split("=", 1)[1] for word in arguments if "=" in word]
    ranges = [len(range(*map(int, v[6:-1].split(",")))) for v in values if v.startswith("range(")]
    return math.prod([*ranges, *(len(v.split(",")) for v in values if not v.startswith("range("))])


def searches(arguments: list[str]) -> bool:
    return bool({"experiment=search", "hydra/sweeper=search"} & set(arguments))


def few_trials(arguments: list[str]) -> list[str]:
    """What keeps a search short."""
    return [f"hydra.sweeper.n_trials={FEW_TRIALS}"] if searches(arguments) else []


def go_on(arguments: list[str], enter: Enter) -> None:
    """Give a command with `resume_sweep=<folder>` after a sweep of two jobs there lost one."""
    stopped = next(word.partition("=")[2] for word in arguments if word.startswith("resume_sweep="))
    assert enter("-m", "seed=1,2", *SMALL, f"hydra.sweep.dir={stopped}") == 0
    shutil.rmtree(Path(stopped, "1"))
    assert enter(*arguments) == 0
    assert [summary["status"] for summary in summaries()] == ["finished"] * 2


@pytest.fixture
def workers_of_its_own() -> Iterator[None]:
    """joblib keeps its workers for the next call; those of another test would work in its folder."""
    yield
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.usefixtures("workers_of_its_own")
@pytest.mark.parametrize("line", TRAINED)
def test_a_command_of_the_readme_runs(line: str, enter: Enter, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = shlex.split(line)
    if {"--help", "--cfg"} & set(arguments):
        assert enter(*arguments) == 0
        assert "latent_dim" in capfd.readouterr().out
        return
    if resumed := next((word.removeprefix("resume=") for word in arguments if word.startswith("resume=")), None):
        assert enter(f"hydra.run.dir={resumed}", *SMALL) == 0
        assert enter(*arguments, "trainer.max_epochs=2") == 0
        assert [summary["train/epochs"] for summary in summaries()] == [2]
        return
    if any("resume_sweep=" in word for word in arguments):
        go_on(arguments, enter)
        return
    if "trainer.accelerator=gpu" in arguments and not torch.cuda.is_available():
        assert enter(*arguments) == 1
        assert "No GPU was found" in capfd.readouterr().err
        return
    assert enter(*arguments, *few_trials(arguments), *SMALL) == 0
    assert [summary["status"] for summary in summaries()] == ["finished"] * jobs(arguments)


@pytest.mark.parametrize("line", MEASURED)
def test_a_command_of_the_readme_about_finished_runs_works(line: str, enter: Enter) -> None:
    measure(shlex.split(line), enter)


def measure(words: list[str], enter: Enter) -> None:
    """Make the runs that a command is about, small ones, and give it."""
    entry, *arguments = words
    where = next(word.partition("=")[2] for word in arguments if word.startswith(("run=", "runs=")))
    if "multirun" in where:
        assert enter("-m", "seed=1,2", f"hydra.sweep.dir={where}", *SMALL) == 0
    else:
        assert enter("hydra.run.dir=outputs/2026-01-31/12-00-00-000000", *SMALL) == 0
    assert enter(*arguments, *(["max_samples=64"] if entry == "src.evaluate" else []), entry=entry) == 0
    written = "scorecard.json" if entry == "src.evaluate" else "comparison.html"
    assert len([*Path("outputs").glob(f"**/{written}")]) == 1


def test_no_command_of_the_readme_is_left_out() -> None:
    known = [words for words in COMMANDS if entry_arguments(words) is not None or words[0] == "make"]
    known += [words for words in COMMANDS if words[:3] in (EVALUATE, COMPARE)]
    assert [words for words in COMMANDS if words not in known] == [["source", ".venv/bin/activate"]]
    assert len(TRAINED) > 8
    assert len(MEASURED) > 1


def make(*arguments: str) -> str:
    """What make prints, in the checkout and apart from any make that runs this test."""
    if not shutil.which("make"):
        pytest.skip("there is no make here")
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=own, capture_output=True, text=True, check=True).stdout


def test_make_alone_prints_every_target() -> None:
    printed = make()
    assert [target for target in TARGETS if f"  make {target} " not in printed] == []


def test_every_target_that_the_readme_names_is_there() -> None:
    code = "\n".join([*blocks("bash"), *re.findall(r"`([^`\n]+)`", README)])
    named = re.findall(r"\bmake ([a-z-]+)", code)
    assert {"train", "test"} <= set(named) <= set(TARGETS)


def test_make_train_hands_its_options_over() -> None:
    options = "model=vae data=mnist trainer.max_epochs=5"
    assert f"python -m src.train {options}\n" in make("-n", "train", f"ARGS={options}")


def test_the_example_of_a_variant_is_short_and_trains_where_the_readme_puts_it(tmp_path: Path) -> None:
    section = README.split("## Add a variant")[1].split("\n## ")[0]
    (module,), (config,), (command,) = (blocks(kind, section) for kind in ("python", "yaml", "bash"))
    places = re.findall(r"`((?:src|conf)/models?/\w+\.(?:py|yaml))`", section)
    assert len([line for line in (module + config + command).splitlines() if line.strip()]) <= 15

    for folder in ("src", "conf"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for place, text in zip(places, (module, config), strict=True):
        (tmp_path / place).write_text(text)
    words = shlex.split(command)
    assert words[:3] == ENTRY
    quick = [*SMALL, "logger=none", "accelerator=cpu", "hydra.run.dir=outputs/one"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *words[1:], *quick], cwd=tmp_path, env=environment, capture_output=True, check=True)
    summary = json.loads((tmp_path / "outputs/one/summary.json").read_text())
    assert summary["status"] == "finished"
    assert summary["model/name"] == "TanhAutoencoder"
    assert summary["test/loss"] == pytest.approx(summary["test/reconstruction"] + 0.1 * summary["test/pull"], rel=1e-4)
