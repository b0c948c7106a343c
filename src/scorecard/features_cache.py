"""Networks kept in a folder, so that they are trained once for a data set."""

import hashlib
import os
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from src.scorecard.pool import Images


def digest(images: Images, *recipe: object) -> str:
    """A name for what a network is trained on and how: other examples or another recipe give another name."""
    found = hashlib.blake2b(repr(recipe).encode(), digest_size=16)
    for tensor in (images.x, images.y):
        found.update(f"{tuple(tensor.shape)} {tensor.dtype}".encode())
        found.update(tensor.contiguous().numpy().tobytes())
    return found.hexdigest()


def remembered(folder: Path | None, key: str, network: nn.Module, train: Callable[[], None]) -> None:
    """Give `network` the weights that `<folder>/features-<key>.pt` keeps, or `train` it and keep what it learned.

    A file that is cut short, another's or not of this network is trained over; nothing in it is unpickled. It is
    written under a name of its own and moved into place whole. Where it cannot be written a warning says so.

    Args:
        folder: made when it is needed; None keeps nothing.
        key: of `digest`.
        train: trains `network`.
    """
    file = None if folder is None else folder / f"features-{key}.pt"
    kept = None if file is None else _read(file, key, network)
    if kept is not None:
        network.load_state_dict(kept)
        return
    train()
    if file is not None:
        _write(file, {"key": key, "state": network.state_dict()})


def _read(file: Path, key: str, network: nn.Module) -> dict[str, Tensor] | None:
    try:
        kept = torch.load(file, map_location="cpu", weights_only=True)
        state = kept["state"]
        if kept["key"] != key or not isinstance(state, dict) or state.keys() != network.state_dict().keys():
            return None
        same = all(
            isinstance(state[name], Tensor) and state[name].shape == tensor.shape and state[name].isfinite().all()
            for name, tensor in network.state_dict().items()
        )
    except Exception:  # torch.load raises half a dozen unrelated types on a file that is missing or damaged
        return None
    return state if same else None


def _write(file: Path, values: dict[str, object]) -> None:
    part = file.with_name(f"{file.stem}.{uuid.uuid4().hex[:8]}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.save(values, part)
            os.replace(part, file)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:  # torch.save raises the latter where a folder is not there or full
        warnings.warn(
            f"the classifier cannot be kept at {file} ({error}), so the next score card trains it again; name another "
            "folder by features_cache, or null for none",
            stacklevel=2,
        )
