"""What a decoder makes of codes on a regular grid."""

from typing import Any, cast

import numpy as np
import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from src.callbacks.pictures import on_cpu
from src.contracts import Autoencoding
from src.drawing.tiles import LINE_TILE, centres, show_tiles

MOST_PIXELS = 450
"""A grid is about this wide, so that it takes no longer for large images."""
GAP = 0.04


def draw_decoded_plane(
    ax: Any, trainer: Trainer, model: Autoencoding, shape: tuple[int, ...], lo: np.ndarray, hi: np.ndarray
) -> None:
    """Images decoded over the rectangle from lo to hi, (2,) each, laid out alike: z_0 to the right, z_1 up."""
    n = _steps(trainer, most=15)
    across, up = np.linspace(lo[0], hi[0], n), np.linspace(hi[1], lo[1], n)
    z = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    height, width = _show(ax, trainer, _decode(trainer, model, z, shape), n)
    some = np.array([0, n // 2, n - 1])
    ax.set_xticks(centres(n, width, GAP, max(height, width))[some], [f"{v:.2g}" for v in across[some]])
    ax.set_yticks(centres(n, height, GAP, max(height, width))[some], [f"{v:.2g}" for v in up[some]])
    ax.set(xlabel="$z_0$", ylabel="$z_1$", title="decoded")
    ax.title.set_fontsize(10)


def draw_decoded_line(
    ax: Any, trainer: Trainer, model: Autoencoding, shape: tuple[int, ...], lo: float, hi: float
) -> None:
    """Images decoded from lo to hi, left to right."""
    n = _steps(trainer, most=12)
    steps = np.linspace(lo, hi, n)
    height, width = _show(ax, trainer, _decode(trainer, model, steps[:, None], shape), n)
    ax.set_xticks(centres(n, width, GAP, max(height, width)), [f"{v:.2g}" for v in steps], fontsize=8)
    ax.set(yticks=[], xlabel="decoded from $z_0$")


def _steps(trainer: Trainer, most: int) -> int:
    shape = trainer.datamodule.shape  # type: ignore[attr-defined]
    side = shape[-1] if len(shape) == 3 else max(LINE_TILE)
    return int(min(most, max(5, MOST_PIXELS // side)))


def _decode(trainer: Trainer, model: Autoencoding, z: np.ndarray, shape: tuple[int, ...]) -> Tensor:
    """Examples (N, *shape) on the CPU for codes z (N, D) that the decoder reads in `shape`."""
    module = cast(LightningModule, model)
    codes = torch.from_numpy(z).float().reshape(-1, *shape).to(module.device)
    return on_cpu(model.image(model.decode(trainer.precision_plugin.convert_input(codes)))).nan_to_num()


def _show(ax: Any, trainer: Trainer, examples: Tensor, columns: int) -> tuple[int, int]:
    return show_tiles(ax, examples, columns, trainer.datamodule.range, GAP)  # type: ignore[attr-defined]
