"""Where examples lie while a model is trained on them."""

import math
from collections.abc import Sequence
from typing import Literal

import torch

from src.data.example_set import BARE, ExampleSet

SHARE = 0.25
"""Of a GPU's free memory: what the sets may take of it, so that the model has the rest."""
_CPU = torch.device("cpu")


def home_of(sets: Sequence[ExampleSet], trains_on: torch.device, wanted: Literal["auto", "cpu"]) -> torch.device:
    """The device that keeps the sets: the GPU that is trained on where it is wanted and they fit, else the CPU."""
    if wanted == "cpu" or trains_on.type != "cuda":
        return _CPU
    if any(s.values.dtype in BARE for s in sets):
        return _CPU
    free, _ = torch.cuda.mem_get_info(trains_on)
    return trains_on if takes(sets) < SHARE * free else _CPU


def takes(sets: Sequence[ExampleSet]) -> int:
    """Bytes of all their examples as they are stored."""
    return sum(len(s) * math.prod(s.shape) * s.values.element_size() for s in sets)
