"""Tiny idx files."""

import struct
from pathlib import Path

import torch


def idx_bytes(values: torch.Tensor) -> bytes:
    """`values` uint8 as the contents of an idx file."""
    header = struct.pack(f">{1 + values.ndim}I", 0x0800 + values.ndim, *values.shape)
    return header + values.numpy().tobytes()


def write_mnist(root: Path, n_train: int = 30, n_test: int = 10) -> Path:
    """Four small whole files below `root`; returns their folder."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    generator = torch.Generator().manual_seed(0)
    for part, n in (("train", n_train), ("t10k", n_test)):
        images = torch.randint(256, (n, 28, 28), generator=generator, dtype=torch.uint8)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes((torch.arange(n) % 10).to(torch.uint8)))
    return raw
