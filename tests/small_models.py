"""Small models made without a config, for tests of their parts."""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from src.contracts import Batch
from src.losses import SquaredError
from src.models import Parts
from src.networks import LinearNetwork, MlpNetwork

SHAPE = [2, 3, 4]


def mlp(*hidden: int, **dials: Any) -> Any:
    """What `network=mlp` builds."""
    return partial(MlpNetwork, hidden=list(hidden), **dials)


def parts(network: Any = LinearNetwork, shape: list[int] | None = None, **others: Any) -> Parts:
    """What the groups supply to a model, as little of it as there can be."""
    chosen: Any = {
        "shape": shape or SHAPE,
        "data_range": [0.0, 1.0],
        "network": network,
        "loss": SquaredError(),
        "regularizers": {},
        "corruption": None,
        "optimizer": partial(torch.optim.SGD, lr=0.1),
        "scheduler": None,
        "seed": 0,
    }
    return chosen | others


def batch(n: int = 5, shape: list[int] | None = None, dtype: torch.dtype = torch.float64) -> Batch:
    """The same n images each time."""
    x = torch.rand(n, *(shape or SHAPE), generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)
    return Batch(x, torch.full((n,), -1), torch.arange(n))


def images(n: int = 5, shape: list[int] | None = None) -> Tensor:
    """The images of `batch`."""
    return batch(n, shape).x
