"""Pictures inside the page: as data, none larger than the page can bear."""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from src.comparison.records import Comparison, Variant

PAGE_BYTES = 16_000_000
"""What all pictures together may take."""
PICTURE_BYTES = 400_000
SIDES = (1600, 1200, 800, 500, 320)
"""The longest side in pixels, tried from the left until a picture fits."""
MOST_PIXELS = 50_000_000
FIRST_KINDS = ("reconstructions", "samples", "latent_map", "loss_breakdown")


class Picture(NamedTuple):
    """A picture that needs no file: a data URI, with the pixels it has."""

    uri: str
    width: int
    height: int


def picture_data(comparison: Comparison, wide: Mapping[str, Path]) -> tuple[dict[str, Any], list[str]]:
    """What the page shows pictures from, and a sentence for each that cannot be shown.

    Args:
        comparison: of each variant the first run that has a picture shows it.
        wide: pictures of all variants together, by their titles.
    """
    kinds = _kinds(comparison.variants)
    count = len(wide) + sum(len(tiles) for tiles in kinds.values())
    room = min(PICTURE_BYTES, PAGE_BYTES // max(1, count))
    unreadable: list[str] = []

    def shown(file: Path, **words: Any) -> list[dict[str, Any]]:
        picture = embedded(file, room)
        if picture is None:
            unreadable.append(f"{file} cannot be read as a PNG picture.")
        return [] if picture is None else [words | picture._asdict()]

    data = {
        "wide": [entry for title, file in wide.items() for entry in shown(file, title=title)],
        "kinds": [
            {
                "name": name,
                "title": title(name),
                "tiles": [t for i, seed, f in tiles for t in shown(f, variant=i, seed=seed)],
            }
            for name, tiles in kinds.items()
        ],
    }
    return data, unreadable


def title(name: str) -> str:
    """The name of a picture's file as a heading."""
    return name.replace("_", " ").strip().capitalize()


def _kinds(variants: Sequence[Variant]) -> dict[str, list[tuple[int, int, Path]]]:
    """By the name of the picture: place of the variant, seed and file."""
    found: dict[str, list[tuple[int, int, Path]]] = {}
    for place, variant in enumerate(variants):
        of_variant: dict[str, tuple[int, int, Path]] = {}
        for run in variant.runs:
            for name, file in run.pictures.items():
                of_variant.setdefault(name, (place, run.seed, file))
        for name, entry in of_variant.items():
            found.setdefault(name, []).append(entry)
    first = [name for name in FIRST_KINDS if name in found]
    return {name: found[name] for name in [*first, *sorted(found.keys() - set(first))]}


def embedded(file: Path, room: int) -> Picture | None:
    """The file as it is where it fits into `room` bytes, else smaller; None where it is no picture."""
    from PIL import Image

    try:
        with Image.open(file, formats=("PNG",)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            if file.stat().st_size <= room and max(image.size) <= SIDES[0]:
                image.verify()
                return Picture(_uri("png", file.read_bytes()), *image.size)
            return _smaller(image.convert("RGB"), room)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _smaller(image: Any, room: int) -> Picture:
    for side in SIDES:
        image.thumbnail((side, side))
        file = io.BytesIO()
        image.save(file, "WEBP", quality=85)
        if file.tell() <= room:
            break
    return Picture(_uri("webp", file.getvalue()), *image.size)


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
