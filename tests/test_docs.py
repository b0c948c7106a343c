"""Every command of docs/ runs, on small files of the kind that the page asks for."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import compose_config
from tests.test_readme import (
    COMPARE,
    ENTRY,
    EVALUATE,
    ROOT,
    SMALL,
    Enter,
    blocks,
    enter,
    few_trials,
    go_on,
    jobs,
    measure,
    summaries,
    workers_of_its_own,
)  # fmt: skip

__all__ = ["enter", "workers_of_its_own"]  # the fixtures

PAGES = sorted((ROOT / "docs").glob("*.md"))
COMMANDS = [
    line
    for page in PAGES
    for block in blocks("bash", page.read_text(encoding="utf-8"))
    for line in block.splitlines()
    if shlex.split(line, comments=True)
]
MADE = {"series": 256, "audio": 96, "synthetic": 96, "patches": 256}
"""Data that are made on the spot, and how much of them is enough here."""


def put_files(folder: Path) -> None:
    """What the commands call `my_pictures`, `faces.npz`, `flowers.csv`, `weather.csv` and `birds`."""
    import soundfile
    from PIL import Image

    random = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (folder / "my_pictures" / name).mkdir(parents=True)
        for i in range(20):
            size = (int(random.integers(20, 60)), 40, 3)
            Image.fromarray(random.integers(0, 255, size, dtype=np.uint8)).save(
                folder / "my_pictures" / name / f"{i}.{'png' if i % 2 else 'jpg'}"
            )
    np.savez(folder / "faces.npz", x=random.integers(0, 255, (80, 12, 12), dtype=np.uint8), y=np.arange(80) % 4)
    colours, kinds = ("red", "blue", "red"), "ab"
    rows = [f"{random.normal():.3f},{random.normal():.3f},{colours[i % 3]},{kinds[i % 2]}" for i in range(80)]
    (folder / "flowers.csv").write_text("\n".join(["petal,sepal,colour,species", *rows]) + "\n")
    days = [f"{np.sin(i / 9):.4f},{random.normal():.4f},{i}" for i in range(1200)]
    (folder / "weather.csv").write_text("\n".join(["temp,wind,day", *days]) + "\n")
    (folder / "birds").mkdir()
    for i in range(6):
        tone = 0.3 * np.sin(2 * np.pi * (300 + 100 * i) * np.arange(3 * 16000) / 16000)
        soundfile.write(folder / "birds" / f"{i}.wav", tone, 16000)


def made_small(arguments: list[str]) -> list[str]:
    """Fewer of what is made on the spot."""
    name = next((word.removeprefix("data=") for word in arguments if word.startswith("data=")), "")
    name = "patches" if "experiment=sparse_coding" in arguments else name
    if name not in MADE or any(word.startswith("data.root=") for word in arguments):
        return []
    return [f"data.n_train={MADE[name]}", "data.n_val=64", "data.n_test=64"]


@pytest.mark.usefixtures("workers_of_its_own")
@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_docs_runs(line: str, enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = shlex.split(line, comments=True)
    if words[:3] in (EVALUATE, COMPARE):
        measure(words[2:], enter)
        return
    assert words[:3] == ENTRY, f"'{line}' is no command that this test knows how to run"
    put_files(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for what submitit starts: here the working directory is another
    arguments = words[3:]
    if any("resume_sweep=" in word for word in arguments):
        go_on(arguments, enter)
        return
    assert enter(*arguments, *made_small(arguments), *few_trials(arguments), *SMALL) == 0
    assert [summary["status"] for summary in summaries()] == ["finished"] * jobs(arguments)


def test_every_data_set_and_every_corruption_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    names = [f"`{file.stem}`" for file in (ROOT / "conf" / "corruption").glob("*.yaml") if file.stem != "none"]
    names += [file.stem for file in (ROOT / "conf" / "data").glob("*.yaml")]
    assert [name for name in names if name not in page] == []


def test_the_launchers_stand_in_the_docs_and_those_that_no_test_runs_compose() -> None:
    page = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
    names = [file.stem for file in (ROOT / "conf" / "hydra" / "launcher").glob("*.yaml")]
    assert [name for name in names if f"| `{name}` |" not in page] == []
    commands = [shlex.split(line) for block in blocks("console", page) for line in block.splitlines()]
    trained = [words[4:] for words in commands if words[:3] == ENTRY]
    assert len(trained) == 2
    for words in trained:
        compose_config([word for word in words if "," not in word])
