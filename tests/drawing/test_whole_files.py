"""A file is there whole or as it was."""

from pathlib import Path

import pytest

from src.drawing.whole_files import whole


def test_what_was_written_takes_the_place_of_the_old(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    with whole(file) as temporary:
        assert temporary.suffix == ".txt"
        temporary.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_ends_half_way_leaves_the_old_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")

    def end_half_way() -> None:
        with whole(file) as temporary:
            temporary.write_text("ne")
            raise error

    with pytest.raises(error):
        end_half_way()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
