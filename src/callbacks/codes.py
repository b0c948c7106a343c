"""The codes of validation images, ready for maps and tables."""

from typing import NamedTuple

import numpy as np
import torch
from lightning.pytorch import Trainer

from src.callbacks.pictures import first_images, on_cpu
from src.contracts import Autoencoding

BATCH = 500


class Codes(NamedTuple):
    """The codes of some images."""

    z: np.ndarray
    """(N, D) float32, flattened; only those that are finite."""
    y: np.ndarray
    """(N,) int64, -1 where there is no label."""
    place: np.ndarray
    """(N,) int64, place in the validation set."""
    lost: int
    """How many were not finite and were left out."""
    shape: tuple[int, ...]
    """The shape of one code before it was flattened."""


def collect_codes(trainer: Trainer, model: Autoencoding, n: int) -> Codes:
    """The mean codes of the first n validation images."""
    batch = first_images(trainer, n)
    pairs = zip(batch.x.split(BATCH), batch.y.split(BATCH), strict=True)
    z = torch.cat([on_cpu(model.encode(x, y).z) for x, y in pairs])
    flat = z.flatten(1).numpy()
    finite = np.isfinite(flat).all(1)
    y, place = (part.cpu().numpy()[finite] for part in (batch.y, batch.index))
    return Codes(flat[finite], y, place, int((~finite).sum()), tuple(z.shape[1:]))
