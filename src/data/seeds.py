"""One number per purpose: noise that must not be the same is drawn from seeds that are not the same."""

import hashlib

import torch


def seed_for(*parts: int | str) -> int:
    """A whole number in [0, 2^63) that follows from all `parts`, e.g. `seed_for("order", seed, epoch)`.

    Neighbouring seeds give unrelated numbers, and so do two purposes with one seed.
    """
    text = "/".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator_for(*parts: int | str) -> torch.Generator:
    """A generator of its own, seeded by `seed_for(*parts)`; torch's global one stays as it is."""
    return torch.Generator().manual_seed(seed_for(*parts))
