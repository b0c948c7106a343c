"""The table and the picture of variants that were trained alike."""

import sys
from pathlib import Path

import pytest

from benchmarks import family
from tests.conftest import NO_PICTURES, TINY, run


def test_the_table_and_the_picture_of_a_multirun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = ["undercomplete", "cvae", "gan", "undercomplete"]
    summaries = [run(tmp_path / str(i), f"model={name}", *TINY, *NO_PICTURES) for i, name in enumerate(models)]
    capsys.readouterr()
    picture = tmp_path / "family.png"
    monkeypatch.setattr(sys, "argv", ["family", str(tmp_path), "--picture", str(picture), "-n", "5"])
    family.main()
    printed = capsys.readouterr().out
    assert f"| `undercomplete` | {summaries[0]['test/se']:.2f} |" in printed
    assert f"| PCA-8 | {summaries[0]['baseline/pca_se']:.2f} |" in printed
    assert "left out, because it reconstructs nothing or did not finish: gan" in printed
    assert "there is one of that name already: undercomplete" in printed
    assert picture.stat().st_size > 1000


def test_a_folder_without_runs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["family", str(tmp_path)])
    with pytest.raises(SystemExit, match="no finished run"):
        family.main()
