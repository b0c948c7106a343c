"""Passes that ended in posteriors, made by hand."""

from dataclasses import replace

import torch
from torch import Tensor

from src.contracts import GaussianCode, Reconstruction
from tests.regularizers.passes import pass_of


def pass_to(code: GaussianCode) -> Reconstruction:
    """A pass that ended in this code."""
    return replace(pass_of(code.z), code=code)


def posteriors(n: int, width: int, seed: int = 0) -> GaussianCode:
    """n posteriors that overlap, with a code drawn from each."""
    g = torch.Generator().manual_seed(seed)
    mean, eps = torch.randn(2, n, width, generator=g, dtype=torch.float64)
    std = 0.5 + torch.rand(n, width, generator=g, dtype=torch.float64)
    return GaussianCode(mean + std * eps, mean, std)


def rows(code: GaussianCode, index: Tensor | list[int]) -> GaussianCode:
    """Some of the posteriors, with their codes."""
    return GaussianCode(code.z[index], code.mean[index], code.std[index])
