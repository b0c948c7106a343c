"""Texts and pictures laid over."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from src.corruptions import Watermark
from src.errors import UserError
from src.schedules import Linear
from tests.corruptions.every import RANGE, examples, indexed

N = 300
GREY = [1, 30, 40]


def logo(path: Path, alpha: int = 255) -> Path:
    """2 x 2 pixels: red, green, blue, and one that is not there."""
    pixels = [[(255, 0, 0, alpha), (0, 255, 0, alpha)], [(0, 0, 255, alpha), (9, 9, 9, 0)]]
    Image.fromarray(np.array(pixels, dtype=np.uint8), "RGBA").save(path)
    return path


@pytest.mark.parametrize("place", ["random", "centre"])
def test_what_the_letters_leave_free_stays_untouched_and_they_blend_by_their_opacity(place: str) -> None:
    x = examples(N, (1, 30, 40))
    whole, kept = Watermark(GREY, RANGE, "Ab", opacity=1.0, place=place)(x, indexed(N))  # type: ignore[arg-type]
    half, half_kept = Watermark(GREY, RANGE, "Ab", opacity=0.5, place=place)(x, indexed(N))  # type: ignore[arg-type]
    touched = whole != x
    assert 0.05 < touched.float().mean() < 0.5
    assert torch.equal(half[~touched], x[~touched])
    torch.testing.assert_close(half, (whole + x) / 2)
    assert (whole[~kept] == RANGE[1]).all()
    assert (whole[kept] < RANGE[1]).all()
    assert (~kept).flatten(1).any(1).all()
    assert half_kept.all()


def test_a_random_place_is_within_the_image_and_anywhere_there() -> None:
    corruption = Watermark(GREY, RANGE, "Ab", size=0.3, opacity=1.0)
    changed = (corruption(torch.zeros(N, *GREY), indexed(N))[0] != 0)[:, 0]
    masses = changed.flatten(1).sum(1)
    assert (masses == masses[0]).all()
    tops = changed.any(2).int().argmax(1)
    height = int(changed.any(2).sum(1)[0])
    assert tops.min() == 0
    assert tops.max() == 30 - height


CORNERS = {"top_left": (0, 0), "top_right": (0, -1), "bottom_left": (-1, 0), "bottom_right": (-1, -1)}


@pytest.mark.parametrize(("place", "corner"), CORNERS.items())
def test_a_fixed_place_is_the_same_in_every_image(place: str, corner: tuple[int, int], tmp_path: Path) -> None:
    file = tmp_path / "dot.png"
    Image.new("RGB", (1, 1), "white").save(file)
    corruption = Watermark([1, 9, 7], RANGE, picture=str(file), size=0.15, opacity=1.0, place=place)  # type: ignore[arg-type]
    changed = corruption(torch.zeros(5, 1, 9, 7), indexed(5))[0] != 0
    assert (changed.sum((1, 2, 3)) == 1).all()
    assert changed[:, 0, corner[0], corner[1]].all()


@pytest.mark.parametrize("shape", [[1, 8, 8], [1, 28, 28], [3, 64, 48], [1, 2, 40], [1, 40, 2]])
@pytest.mark.parametrize("text", ["I", "SAMPLE", "Ünï (c) 2026\nsecond line"])
def test_any_text_fits_into_any_image_and_fills_the_share_asked_for(shape: list[int], text: str) -> None:
    corruption = Watermark(shape, RANGE, text, size=0.8)
    height, width = corruption.cover.shape[1:]
    assert height <= max(1, 0.8 * shape[1])
    assert width <= max(1, 0.8 * shape[2])
    assert height >= int(0.8 * shape[1]) or width >= int(0.8 * shape[2])
    assert corruption.cover.max() == 255
    assert not torch.equal(corruption(torch.zeros(2, *shape), indexed(2))[0], torch.zeros(2, *shape))


def test_a_picture_has_its_colours_and_shows_through_where_it_is_transparent(tmp_path: Path) -> None:
    file = str(logo(tmp_path / "logo.png"))
    x = examples(2, (3, 4, 4))
    marked, kept = Watermark([3, 4, 4], RANGE, picture=file, opacity=1.0, size=0.5, place="top_left")(x, indexed(2))
    high, low = RANGE[1], RANGE[0]
    for (row, column), colour in {(0, 0): (high, low, low), (0, 1): (low, high, low), (1, 0): (low, low, high)}.items():
        assert (marked[:, :, row, column] == torch.tensor(colour)).all()
        assert not kept[:, :, row, column].any()
    kept[:, :, :2, :2] = True
    marked[:, :, :2, :2] = torch.where(marked[:, :, :2, :2] == x[:, :, :2, :2], x[:, :, :2, :2], x[:, :, :2, :2])
    assert kept.all()
    assert torch.equal(marked, x)
    grey = Watermark([1, 4, 4], [0.0, 1.0], picture=file, opacity=1.0, size=0.5, place="top_left")
    found = grey(torch.zeros(1, 1, 4, 4), indexed(1))[0][0, 0, :2, :2]
    torch.testing.assert_close(found, torch.tensor([[0.299, 0.587], [0.114, 0.0]]), rtol=0, atol=1 / 255)


def test_a_picture_that_is_half_transparent_covers_all_by_its_strongest_point(tmp_path: Path) -> None:
    file = str(logo(tmp_path / "logo.png", alpha=128))
    found = Watermark([1, 4, 4], [0.0, 1.0], picture=file, opacity=0.5, size=0.5, place="top_left")
    assert found(torch.zeros(1, 1, 4, 4), indexed(1))[0].max() == pytest.approx(0.5 * 0.587, abs=1 / 255)


@pytest.mark.parametrize(
    ("colour", "wanted"), [("red", (1, 0, 0)), ("#ff8000", (1, 128 / 255, 0)), ("black", (0,) * 3)]
)
def test_a_text_has_the_colour_asked_for(colour: str, wanted: tuple[float, ...]) -> None:
    corruption = Watermark([3, 20, 20], [0.0, 1.0], "X", opacity=1.0, colour=colour)
    marked, kept = corruption(torch.full((1, 3, 20, 20), 0.5), indexed(1))
    full = ~kept[0, 0]
    torch.testing.assert_close(marked[0][:, full], torch.tensor(wanted).float()[:, None].expand(3, int(full.sum())))


def test_opacity_follows_a_schedule() -> None:
    corruption, x = Watermark(GREY, RANGE, opacity=Linear(0.0, 1.0)), examples(2, (1, 30, 40))
    corruption.progress = 0.0
    assert torch.equal(corruption(x, indexed(2))[0], x)
    corruption.progress = 1.0
    assert torch.equal(corruption(x, indexed(2))[0], Watermark(GREY, RANGE, opacity=1.0)(x, indexed(2))[0])


@pytest.mark.parametrize(
    ("dials", "words"),
    [
        ({"text": "  "}, "leaves nothing to see. Use a text with letters"),
        ({"text": ""}, "leaves nothing to see. Use a text with letters"),
        ({"colour": "greenish"}, "colour=greenish is no colour. Use a name such as white"),
        ({"picture": "no/such.png"}, "picture=no/such.png: there is no such file. Give the path of a PNG"),
        ({"picture": "bad.png"}, "it cannot be read"),
        ({"picture": "photo.jpg"}, "it cannot be read"),
        ({"picture": "."}, "it cannot be read"),
        ({"shape": [2, 8, 8]}, "1 or 3 channels, but data.shape is [2, 8, 8]. Use corruption=patches"),
        ({"shape": [8, 8]}, "works on images [channels, height, width], but data.shape is [8, 8]"),
        ({"range": None}, "data.range=null has neither. Use corruption="),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(
    dials: dict[str, object], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    Image.new("RGB", (4, 4)).save(tmp_path / "photo.jpg")
    with pytest.raises(UserError) as error:
        Watermark(**({"shape": GREY, "range": RANGE} | dials))  # type: ignore[arg-type]
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_truncated_picture_is_refused(tmp_path: Path) -> None:
    whole = logo(tmp_path / "logo.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) - 25])
    with pytest.raises(UserError, match=r"cut\.png: it cannot be read"):
        Watermark(GREY, RANGE, picture=str(tmp_path / "cut.png"))
