"""Every picture of a comparison, each with the title that a page shows it under."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from src.comparison.breakdown import loss_breakdown
from src.comparison.examples import SameExamples
from src.comparison.latent_maps import latent_maps
from src.comparison.learning_curves import learning_curves
from src.comparison.parallel import parallel_coordinates
from src.comparison.rate_distortion import rate_distortion
from src.comparison.records import Comparison
from src.comparison.side_by_side import side_by_side
from src.comparison.trade_offs import trade_offs
from src.drawing.whole_files import whole

OF_NUMBERS: dict[str, Callable[[Comparison], Any]] = {
    "learning_curves": learning_curves,
    "rate_distortion": rate_distortion,
    "trade_offs": trade_offs,
    "parallel_coordinates": parallel_coordinates,
    "loss_breakdown": loss_breakdown,
}
"""What is drawn from figures; the interactive page draws most of these itself."""
OF_EXAMPLES: dict[str, Callable[[SameExamples], Any]] = {
    "side_by_side": side_by_side,
    "latent_maps": latent_maps,
}
TITLES = {
    "side_by_side": "The same test examples through each variant",
    "latent_maps": "Codes of the same test examples",
    "loss_breakdown": "Loss by weighted term",
}
"""The pictures that a page shows as they are."""
DPI = 130


def draw(comparison: Comparison, examples: SameExamples | None, folder: Path) -> dict[str, Path]:
    """Draw what there is to draw into the folder; the PNG files by name. Those of an earlier comparison are removed."""
    from matplotlib import rc_context

    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    with rc_context({"text.parse_math": False}):  # a dollar in a name is a dollar
        figures = {name: maker(comparison) for name, maker in OF_NUMBERS.items()}
        if examples is not None:
            figures |= {name: maker(examples) for name, maker in OF_EXAMPLES.items()}
        for name in [*OF_NUMBERS, *OF_EXAMPLES]:
            file = folder / f"{name}.png"
            if figures.get(name) is None:
                file.unlink(missing_ok=True)
                continue
            with whole(file) as temporary:
                figures[name].savefig(temporary, dpi=DPI, bbox_inches="tight")
            found[name] = file
    return found
