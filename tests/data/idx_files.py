"""Tiny idx files."""

import struct
from collections.abc import Sequence
from pathlib import Path

import torch

from src.data.images.idx import NAMES


def idx_bytes(values: torch.Tensor) -> bytes:
    """`values` uint8 as the contents of an idx file."""
    header = struct.pack(f">{1 + values.ndim}I", 0x0800 + values.ndim, *values.shape)
    return header + values.numpy().tobytes()


def write_idx(
    folder: Path, names: Sequence[str], n_train: int = 30, n_test: int = 10, labels: Sequence[int] = range(10)
) -> Path:
    """Four small whole files of random pictures in `folder`, `labels` in turn; returns the folder."""
    folder.mkdir(parents=True)
    generator = torch.Generator().manual_seed(0)
    for (image_name, label_name), n in zip((names[:2], names[2:]), (n_train, n_test), strict=True):
        images = torch.randint(256, (n, 28, 28), generator=generator, dtype=torch.uint8)
        (folder / image_name).write_bytes(idx_bytes(images))
        in_turn = torch.tensor([labels[i % len(labels)] for i in range(n)], dtype=torch.uint8)
        (folder / label_name).write_bytes(idx_bytes(in_turn))
    return folder


def write_mnist(root: Path, n_train: int = 30, n_test: int = 10) -> Path:
    """Four small whole files below `root`, where MNIST's lie; returns their folder."""
    return write_idx(root / "MNIST" / "raw", NAMES, n_train, n_test)
