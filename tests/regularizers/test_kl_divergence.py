"""The divergence term against torch.distributions."""

from typing import Any

import torch
from torch.distributions import Normal, kl_divergence

from src.contracts import GaussianCode, Reconstruction
from src.noise import FreshNoise
from src.regularizers import KLDivergence

MODEL: Any = None


def test_it_is_the_divergence_summed_over_units_whatever_was_drawn() -> None:
    mean, std = torch.randn(4, 3), torch.rand(4, 3) + 0.1
    code = GaussianCode(z=mean, mean=mean, std=std).drawn(FreshNoise())
    x = torch.zeros(4, 1, 1, 1)
    out = Reconstruction(x, torch.full((len(x),), -1), x, None, code, (), x, lambda raw: raw, FreshNoise())
    expected = kl_divergence(Normal(mean, std), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(KLDivergence(1.0)(out, MODEL), expected)
