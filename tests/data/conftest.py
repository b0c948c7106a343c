"""A folder of small files, a look at its bytes, and the real MNIST."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.idx_files import write_mnist


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The folder of four small whole files, below tmp_path."""
    return write_mnist(tmp_path)


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[[], dict[str, bytes]]:
    """All files below tmp_path with their bytes."""
    return lambda: {str(p.relative_to(tmp_path)): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}


@pytest.fixture(scope="session")
def mnist_root() -> str:
    """The folder of the real MNIST; the test is skipped where there is none."""
    root = os.environ.get("HOURGLASS_DATA", "data")
    if not (Path(root) / "MNIST" / "raw").is_dir():
        pytest.skip(f"no MNIST in {root}; set HOURGLASS_DATA to the folder that has MNIST/raw")
    return root
