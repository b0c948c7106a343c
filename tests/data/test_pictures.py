"""One picture file as an array: sizes, kinds, depths, transparency, orientation."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from src.data.pictures.reader import PictureReader
from tests.data.picture_folder import KINDS, png_bytes, save, scene

SIZE = 16


def reader(**changes: object) -> PictureReader:
    return PictureReader(**{"size": SIZE, "channels": 3, "resize": "crop", "background": "white"} | changes)  # type: ignore[arg-type]


def halves(width: int, height: int, left: int = 40, right: int = 200) -> Image.Image:
    """Grey, darker on the left."""
    values = np.full((height, width), left, np.uint8)
    values[:, width // 2 :] = right
    return Image.fromarray(values)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_kind_becomes_the_same_picture(tmp_path: Path, kind: str, channels: int) -> None:
    picture = scene(np.random.default_rng(1), 50, 70)
    save(tmp_path / f"a.{kind}", picture.copy())
    values = reader(channels=channels)(tmp_path / f"a.{kind}")
    assert values.shape == (channels, SIZE, SIZE)
    assert values.dtype == np.uint8
    assert values.flags.c_contiguous
    if kind in ("alpha.png", "palette.png"):  # not the same colours
        return
    small = picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC, (0, 10, 50, 60))
    grey = channels == 1 or kind in ("grey.png", "deep.png")
    expected = np.asarray(small.convert("L") if grey else small).astype(int).reshape(SIZE, SIZE, -1).transpose(2, 0, 1)
    loss = 12 if kind.lower() in ("jpg", "jpeg", "webp") else 2
    assert np.abs(values - expected).mean() < loss


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 5), (16, 16), (2000, 10)])
@pytest.mark.parametrize("resize", ["crop", "squash", "pad"])
def test_any_size_is_brought_to_the_one_wanted(tmp_path: Path, size: tuple[int, int], resize: str) -> None:
    Image.new("RGB", size, (10, 20, 30)).save(tmp_path / "a.png")
    values = reader(resize=resize)(tmp_path / "a.png")
    assert values.shape == (3, SIZE, SIZE)
    assert (values == np.array([10, 20, 30])[:, None, None]).all(0).any()


def test_crop_squash_and_pad_do_what_they_say(tmp_path: Path) -> None:
    wide = np.zeros((32, 64), np.uint8)
    wide[:, :16], wide[:, 48:] = 255, 255  # the outer quarters are white
    Image.fromarray(wide).save(tmp_path / "a.png")
    crop, squash, pad = (reader(channels=1, resize=way)(tmp_path / "a.png")[0] for way in ("crop", "squash", "pad"))
    assert crop.max() < 30  # the middle; at its edge the resizing has seen the white beside it
    assert (squash[:, :3] > 250).all()
    assert (squash[:, 6:10] < 5).all()
    assert (pad[:4] == 255).all()
    assert (pad[12:] == 255).all()
    assert (pad[4:12, 6:10] < 5).all()
    black = reader(channels=1, resize="pad", background="black")(tmp_path / "a.png")[0]
    assert (black[:4] == 0).all()
    assert (black[4:12] == pad[4:12]).all()


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off(tmp_path: Path, name: str) -> None:
    values = np.full((20, 20), 257 * 100, np.uint16)
    values[:10] = 65535
    Image.fromarray(values).save(tmp_path / name)
    found = reader(channels=1)(tmp_path / name)[0]
    assert (found[:4] == 255).all()
    assert (found[-4:] == 100).all()


def test_sixteen_bits_of_colour_are_read(tmp_path: Path) -> None:
    values = np.zeros((20, 20, 3), np.uint16)
    values[...] = np.array([65535, 257 * 100, 0])
    (tmp_path / "a.png").write_bytes(png_bytes(values))
    assert (reader()(tmp_path / "a.png") == np.array([255, 100, 0])[:, None, None]).all()


def test_floating_point_has_its_white_at_one(tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 20), 0.5, np.float32)).save(tmp_path / "a.tif")
    assert (reader(channels=1)(tmp_path / "a.tif") == 128).all()
    for wrong in (math.nan, 300.0, -1.0):
        Image.fromarray(np.full((20, 20), wrong, np.float32)).save(tmp_path / "a.tif")
        with pytest.raises(ValueError, match=r"its values go from .* not within black, 0, and white, 1"):
            reader()(tmp_path / "a.tif")


@pytest.mark.parametrize("background", ["white", "black"])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_shows_the_background(tmp_path: Path, mode: str, background: str) -> None:
    picture = Image.new("RGBA", (40, 40), (90, 90, 90, 255))
    picture.paste((255, 0, 255, 0), (0, 0, 40, 20))  # what hides behind the transparency must not shine through
    if mode == "P":
        indexed = Image.new("P", (40, 40), 1)
        indexed.putpalette([255, 0, 255, 90, 90, 90])
        indexed.paste(0, (0, 0, 40, 20))
        indexed.save(tmp_path / "a.png", transparency=0)
    else:
        picture.convert(mode).save(tmp_path / "a.png")
    found = reader(background=background)(tmp_path / "a.png")
    assert (found[:, :6] == (255 if background == "white" else 0)).all()
    assert (np.abs(found[:, -6:].astype(int) - 90) <= 1).all()


def test_half_transparent_pixels_are_mixed(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 40), (200, 100, 0, 128)).save(tmp_path / "a.png")
    found = reader(background="black")(tmp_path / "a.png")
    assert np.abs(found.astype(int) - np.array([100, 50, 0])[:, None, None]).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "YCbCr"])
def test_other_colour_spaces_are_read(tmp_path: Path, mode: str) -> None:
    name = "a.png" if mode in "1L" else "a.jpg"
    Image.new("RGB", (40, 40), (255, 255, 255)).convert(mode).save(tmp_path / name)
    assert (reader()(tmp_path / name) >= 254).all()


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "zipped.tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(tmp_path: Path, name: str, orientation: int) -> None:
    upright = np.asarray(scene(np.random.default_rng(2), 48, 48))
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),  # a camera that was turned clockwise
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"compression": "tiff_adobe_deflate"} if name == "zipped.tif" else {}
    Image.fromarray(np.ascontiguousarray(turned[orientation])).save(tmp_path / name, exif=exif, **options)
    Image.fromarray(upright).save(tmp_path / "upright.png")
    found = reader()(tmp_path / name).astype(int) - reader()(tmp_path / "upright.png")
    assert np.abs(found).mean() < 6


def test_a_tall_picture_is_turned_before_it_is_padded(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    halves(40, 20).rotate(90, expand=True).save(tmp_path / "a.png", exif=exif)
    found = reader(channels=1, resize="pad", background="black")(tmp_path / "a.png")[0]
    assert (found[:3] == 0).all()
    assert (found[-3:] == 0).all()
    assert (found[5:11, :7].astype(int) < found[5:11, 9:]).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_large_jpeg_is_decoded_small_and_looks_the_same(tmp_path: Path, channels: int) -> None:
    picture = scene(np.random.default_rng(3), 1200, 900)
    picture.save(tmp_path / "a.jpg", quality=95)
    picture.save(tmp_path / "a.png")
    large, exact = (reader(channels=channels)(tmp_path / name).astype(int) for name in ("a.jpg", "a.png"))
    assert np.abs(large - exact).mean() < 2


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.webp"])
def test_the_first_of_several_pictures_is_read(tmp_path: Path, name: str) -> None:
    pages = [Image.new("L", (20, 20), shade) for shade in (50, 150)]
    pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])
    assert np.abs(reader(channels=1)(tmp_path / name).astype(int) - 50).max() <= 2
