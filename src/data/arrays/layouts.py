"""What the axes of an array of examples mean."""

from typing import Literal

from torch import Tensor

from src.errors import UserError

Layout = Literal["auto", "features", "series", "series_last", "images", "images_last"]
COLOURS = (1, 3, 4)
"""Channels of grey, coloured and translucent pictures."""
AXES = {
    "features": "(N, features)",
    "series": "(N, length) or (N, channels, length)",
    "series_last": "(N, length, channels)",
    "images": "(N, height, width) or (N, channels, height, width)",
    "images_last": "(N, height, width, channels)",
}


def laid_out(values: Tensor, layout: Layout, where: str) -> Tensor:
    """A view (N, features), (N, channels, length) or (N, channels, height, width) of `values`.

    "auto": two axes are features, three are grey pictures, four are pictures, whose channels are taken to be last where
    there are 1, 3 or 4 of them there and another number in front. "features" takes any number of axes and flattens
    them.

    Raises:
        UserError: there are no examples, or not so many axes.
    """
    if values.numel() == 0:
        raise UserError(f"{where} has the shape {_typed(values)}, which is empty; save it with examples in it.")
    if values.dim() < 2:
        raise UserError(
            f"{where} has the shape {_typed(values)}, where the first axis counts the examples and others are expected "
            "beside it: save it as (N, features), or use data=series for one long series."
        )
    axes = values.dim()
    match _guessed(values) if layout == "auto" else layout:
        case "features":
            return values.flatten(1)
        case "series" | "images" as kind if axes == (2 if kind == "series" else 3):
            return values[:, None]
        case "series" | "images" as kind if axes == (3 if kind == "series" else 4):
            return values
        case "series_last" if axes == 3:
            return values.transpose(1, 2)
        case "images_last" if axes == 4:
            return values.permute(0, 3, 1, 2)
    expected = f"data.layout={layout} is {AXES[layout]}" if layout in AXES else "at most four axes have a meaning"
    raise UserError(f"{where} has the shape {_typed(values)}, but {expected}; data.layout=features takes any shape.")


def _guessed(values: Tensor) -> Layout | None:
    match values.dim():
        case 2:
            return "features"
        case 4 if values.shape[-1] in COLOURS and values.shape[1] not in COLOURS:
            return "images_last"
        case 3 | 4:
            return "images"
    return None


def _typed(values: Tensor) -> str:
    return "(" + ", ".join(map(str, values.shape)) + ")"
