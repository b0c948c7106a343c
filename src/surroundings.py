"""What surrounds a run: signals, warnings and other libraries' chatter, and which versions were at work."""

import logging
import platform
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C, and leave both as they were: Lightning switches Ctrl-C off once it has seen one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {s: signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT)}

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Without Lightning's remarks about hardware, workers and its own products; warnings of substance stay."""
    names = ("lightning.pytorch", "lightning.fabric", "torch.utils.cpp_extension")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING if logger.name.startswith("lightning") else logging.ERROR)
    with warnings.catch_warnings():
        warnings.showwarning = _told_plainly(warnings.showwarning)
        for remark in (
            ".*does not have many workers.*",
            ".*GPU available but not used.*",
            ".*Checkpoint directory .* exists and is not empty.*",
            ".*number of training batches .* is smaller than the logging interval.*",
            ".*sync_dist=True.*",  # every figure is summed over the processes before it is logged
            ".*isinstance\\(treespec, LeafSpec\\).*",
            ".*configure_optimizers. returned .None.*",  # a closed form takes no steps
            ".*torch._prims_common.check.*",  # torch.compile about its own parts
        ):
            warnings.filterwarnings("ignore", message=remark)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _told_plainly(otherwise: Callable[..., None]) -> Callable[..., None]:
    """Shows our own warnings as the sentences they are, without file, line and code; others as before."""

    def show(message: Warning | str, category: type[Warning], filename: str, *rest: Any) -> None:
        if category is UserWarning and _HERE in Path(filename).parents:
            print(f"warning: {message}", file=sys.stderr)
        else:
            otherwise(message, category, filename, *rest)

    return show


def versions() -> dict[str, str]:
    """`version/python`, `version/torch` and so on, for the summary."""
    packages = {
        name: version(name) for name in ("torch", "torchvision", "lightning", "hydra-core", "torchmetrics", "wandb")
    }
    return {f"version/{name}": number for name, number in {"python": platform.python_version(), **packages}.items()}
