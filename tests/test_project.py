"""What a fresh clone stands on: the lock, the Makefile, and configs that say what they are."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text().splitlines()


def test_the_lock_is_plain_lines_without_an_address() -> None:
    for line in LOCK:
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ;/]+( ; .+)?", line), line
        assert "://" not in line


def test_the_lock_has_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    locked = {line.split("==")[0] for line in LOCK}
    assert [w for w in wanted if re.split(r"[<>=!]", w)[0].lower() not in locked] == []


def test_make_alone_prints_the_targets() -> None:
    out = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "train", "test", "test-all", "check", "bench", "lock", "clean"):
        assert f"make {target} " in out


BUILD_NOTHING = {"compare.yaml", "wandb_sweep.yaml", "hydra/sweeper/search.yaml"}
"""What is read by a function, what is W&B's own, and what stands on a plugin's node."""


@pytest.mark.parametrize(
    "file", sorted((ROOT / "conf").rglob("*.yaml")), ids=lambda f: str(f.relative_to(ROOT / "conf"))
)
def test_a_config_file_names_what_it_builds(file: Path) -> None:
    text, name = file.read_text(), file.relative_to(ROOT / "conf").as_posix()
    assert ("_target_" in text or "# @package" in text) != (name in BUILD_NOTHING)
