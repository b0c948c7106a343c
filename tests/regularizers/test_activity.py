"""Penalties on activity, by hand."""

from typing import Any

import torch

from src.contracts import Code, Reconstruction
from src.noise import FreshNoise
from src.regularizers import L1Activity, L2Activity

MODEL: Any = None


def a_pass(dtype: torch.dtype = torch.float32) -> Reconstruction:
    x = torch.zeros(2, 1, 1, 1, dtype=dtype)
    code = Code(torch.tensor([[1.0, -3.0], [0.0, 2.0]], dtype=dtype))
    hidden = (torch.tensor([[5.0], [-1.0]], dtype=dtype), torch.ones(2, 3, 2, 2, dtype=dtype))
    return Reconstruction(x, torch.full((len(x),), -1), x, None, code, hidden, x, lambda raw: raw, FreshNoise())


def test_l1_sums_absolute_values_of_the_code() -> None:
    assert L1Activity(1.0)(a_pass(), MODEL).tolist() == [4, 2]


def test_l1_of_all_layers_adds_the_hidden_ones_maps_too() -> None:
    assert L1Activity(1.0, layers="all")(a_pass(), MODEL).tolist() == [4 + 5 + 12, 2 + 1 + 12]


def test_l2_sums_squares_of_the_code() -> None:
    assert L2Activity(1.0)(a_pass(), MODEL).tolist() == [10, 4]


def test_neither_reads_the_weight() -> None:
    assert torch.equal(L1Activity(7.0)(a_pass(), MODEL), L1Activity(0.0)(a_pass(), MODEL))
    assert torch.equal(L2Activity(7.0)(a_pass(), MODEL), L2Activity(0.0)(a_pass(), MODEL))


def test_half_precision_is_summed_in_single() -> None:
    for term in (L1Activity(1.0, "all"), L2Activity(1.0)):
        assert term(a_pass(torch.bfloat16), MODEL).dtype == torch.float32
        assert term(a_pass(torch.float64), MODEL).dtype == torch.float64
