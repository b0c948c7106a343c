"""What the units of a code do: which vary, which sleep."""

import torch
from torch import Tensor

ACTIVE = 0.01
"""Burda et al.'s threshold."""


def active_units(means: Tensor) -> int:
    """Units whose posterior mean (N, D) has a variance over images above 0.01.

    Burda, Grosse & Salakhutdinov, "Importance weighted autoencoders", ICLR 2016. The threshold is for posteriors that
    are held against a prior of variance 1; the scale of other codes is arbitrary, see `varying_units`.
    """
    return int((means.double().var(0, correction=0) > ACTIVE).sum())


def varying_units(z: Tensor) -> int:
    """Units of codes z (N, D) whose variance over images is above 1 % of the most varying unit's: free of scale."""
    variance = z.double().var(0, correction=0)
    return int((variance > ACTIVE * variance.max()).sum())


def awake_units(z: Tensor) -> Tensor:
    """How many units of each code z (N, D) are not exactly 0, (N,): L0."""
    return (z != 0).sum(1)


def dead_units(*codes: Tensor) -> int:
    """Units that are exactly 0 in every one of the codes (N, D) of each set."""
    awake = torch.stack([(z != 0).any(0) for z in codes]).any(0)
    return int((~awake).sum())
