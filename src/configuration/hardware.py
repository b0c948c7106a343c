"""The devices that a config asks for, held against those that this machine has."""

from collections.abc import Iterator
from typing import Any

from src.configuration.wording import shown


def missing_devices(trainer: Any) -> Iterator[str]:
    """A sentence for GPUs that are asked for and not there.

    Lightning would say so only after the data is loaded, and without the way on.
    """
    if not isinstance(trainer, dict) or trainer.get("accelerator") not in ("gpu", "cuda", "mps", "auto"):
        return
    accelerator, devices = trainer["accelerator"], trainer.get("devices")
    n_gpus = _gpus(accelerator)
    if n_gpus == 0 and accelerator != "auto":
        advice = "use accelerator=cpu or accelerator=auto"
        yield f"trainer.accelerator={accelerator}: No GPU was found on this machine; {advice}"
    elif n_gpus and _wanted(devices) > n_gpus:
        advice = "use at most that many, or trainer.devices=auto"
        yield f"trainer.devices={shown(devices)}: this machine has {n_gpus} GPU{'s' * (n_gpus > 1)}; {advice}"


def _gpus(accelerator: str) -> int:
    """How many GPUs of the kind are here (counted without starting CUDA, so that processes may still be forked)."""
    import torch

    if accelerator == "cuda":
        return torch.cuda.device_count()
    n_mps = int(torch.backends.mps.is_available())
    return n_mps if accelerator == "mps" else torch.cuda.device_count() or n_mps


def _wanted(devices: Any) -> int:
    """How many devices must be there for `trainer.devices`: 2, "2", [0, 1] or "0,1"; 0 for -1, "auto" and nonsense."""
    if isinstance(devices, str):
        numbers = [int(part) for part in devices.split(",") if part.strip().isdecimal()]
        devices = numbers if "," in devices else next(iter(numbers), 0)
    if isinstance(devices, list):
        return max((index + 1 for index in devices if isinstance(index, int)), default=0)
    return devices if isinstance(devices, int) else 0
