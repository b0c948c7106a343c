"""Checkpoint files: written whole or not at all, read without unpickling objects."""

import os
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer

from src.errors import UserError


def write_checkpoint(trainer: Trainer, path: Path) -> None:
    """Save the state of a run; a process killed half-way leaves the file that was there before."""
    temporary = path.with_name(path.name + ".tmp")
    trainer.save_checkpoint(temporary)  # every process calls this, the first one writes
    if trainer.is_global_zero:
        os.replace(temporary, path)


def read_checkpoint(path: Path, model: LightningModule) -> dict[str, Any]:
    """The checkpoint at `path`, made sure to fit `model`.

    Raises:
        UserError: there is none, it is damaged, or it belongs to another model.
    """
    if not path.is_file():
        raise UserError(f"there is no checkpoint {path}; the run may have ended before it wrote one")
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        saved = dict(checkpoint["state_dict"])
        if not all(isinstance(tensor, torch.Tensor) for tensor in saved.values()):
            raise TypeError("not all of its weights are tensors")
    except Exception as error:  # torch.load raises half a dozen unrelated types on a damaged file
        first = str(error).strip().split("\n")[0]
        raise UserError(f"the checkpoint {path} is damaged or no checkpoint of Hourglass: {first}") from error
    expected = model.state_dict()
    for key in [*expected, *saved]:
        have, want = saved.get(key), expected.get(key)
        if have is None or want is None or have.shape != want.shape:
            describe = [("nothing" if t is None else str(list(t.shape))) for t in (have, want)]
            raise UserError(
                f"the checkpoint {path} belongs to another model than {type(model).__name__} as configured: at '{key}' "
                f"it has {describe[0]}, the model {describe[1]}"
            )
    return checkpoint
