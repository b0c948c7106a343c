"""Imports point down, and nothing heavy is imported before a config is composed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parent.parent / "src"
ENTRIES = {"train", "evaluate", "compare", "apply"}
CONFIGURATION = ENTRIES | {
    "build", "run_folder", "resuming", "command_line", "override_messages", "validation", "distributed", "sweeps",
}  # fmt: skip
"""Who may know Hydra: what composes a config, builds from it, or starts the other processes of a job."""
MAY_IMPORT = {
    "contracts": set(),
    "noise": set(),
    "errors": set(),
    "ranges": set(),
    "activations": set(),
    "pca": set(),
    "checkpoints": {"errors"},
    "conditioning": {"errors"},
    "schedules": {"errors", "ranges"},
    "flows": {"contracts"},
    "priors": {"bottlenecks", "contracts", "errors", "ranges"},
    "losses": {"contracts", "errors", "metrics", "ranges"},
    "bottlenecks": {"activations", "contracts", "errors", "flows", "ranges", "schedules"},
    "corruptions": {"contracts", "errors", "ranges", "schedules"},
    "networks": {"activations", "errors", "ranges"},
    "regularizers": {"contracts", "errors", "ranges", "schedules"},
    "objective": {"contracts", "errors", "losses", "regularizers"},
    "metrics": {"contracts", "errors", "pca"},
    "data": {"contracts", "noise", "errors", "ranges"},
    "drawing": set(),
    "scorecard": {
        "contracts", "corruptions", "drawing", "errors", "metrics", "noise", "pca", "priors", "ranges",
    },
    "comparison": {"drawing", "errors", "tracking"},
    "models": {
        "objective", "bottlenecks", "priors", "losses", "regularizers", "corruptions", "networks", "contracts",
        "noise", "metrics", "schedules", "activations", "errors", "ranges", "conditioning", "flows",
        "checkpoints", "pca",
    },
}  # fmt: skip
"""Rooms whose every import is laid down."""
NEVER_MODELS = (
    "callbacks",
    "metrics",
    "comparison",
    "applications",
    "scorecard",
    "drawing",
    "tracking",
    "baseline",
    "data",
)
HEAVY = (
    "torch", "torchvision", "torchmetrics", "lightning", "sklearn", "scipy", "wandb", "wandb_workspaces", "matplotlib",
    "plotly", "jinja2", "pydantic", "optuna",
)  # fmt: skip


def room(file: Path) -> str:
    """The file, or the folder below src that it lies in."""
    return file.relative_to(SRC).with_suffix("").parts[0]


FILES = sorted(SRC.rglob("*.py"))
ROOMS = {room(file) for file in FILES}


def imported(file: Path) -> Iterator[str]:
    """Every module that the file imports anywhere, within functions too, by its full name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(file: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(file) if name.startswith("src.")} - {room(file)}


def packages_imported(file: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(file)} - {"src"}


def named(file: Path) -> str:
    return str(file.relative_to(SRC))


@pytest.mark.parametrize("file", FILES, ids=named)
def test_imports_point_down(file: Path) -> None:
    here, used = room(file), rooms_imported(file)
    assert used <= ROOMS
    assert used <= MAY_IMPORT.get(here, ROOMS)
    assert not (here in NEVER_MODELS and "models" in used)
    assert here in ENTRIES or not used & ENTRIES


def test_the_rules_are_about_rooms_that_are_there() -> None:
    assert set(MAY_IMPORT) <= ROOMS
    assert set().union(*MAY_IMPORT.values()) <= ROOMS
    assert rooms_imported(SRC / "models" / "vae.py") >= {"bottlenecks", "regularizers"}


@pytest.mark.parametrize("file", FILES, ids=named)
def test_hydra_is_known_to_the_entries_and_what_composes_for_them(file: Path) -> None:
    assert "hydra" not in packages_imported(file) or room(file) in CONFIGURATION


@pytest.mark.parametrize("file", [f for f in FILES if room(f) in MAY_IMPORT or room(f) in NEVER_MODELS], ids=named)
def test_no_room_below_the_entries_knows_a_config(file: Path) -> None:
    assert not packages_imported(file) & {"hydra", "omegaconf"}


def test_the_contracts_know_torch_alone() -> None:
    assert packages_imported(SRC / "contracts.py") - sys.stdlib_module_names == {"torch"}


@pytest.mark.parametrize("entry", sorted(ENTRIES & ROOMS))
def test_an_entry_starts_without_anything_heavy(entry: str) -> None:
    program = f"import src.{entry}, sys; print(*(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=SRC.parent, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
