"""The divergence of mean activities from their target."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, kl_divergence

from src.contracts import Code, Reconstruction
from src.errors import UserError
from src.noise import FreshNoise
from src.regularizers import KLSparsity

MODEL: Any = None


def penalty(z: Tensor, target: float = 0.05) -> Tensor:
    x = torch.zeros(len(z), 1, 1, 1)
    return KLSparsity(1.0, target)(
        Reconstruction(x, torch.full((len(x),), -1), x, None, Code(z), (), x, lambda raw: raw, FreshNoise()), MODEL
    )


def test_it_is_the_divergence_of_torch_summed_over_units() -> None:
    z = torch.rand(50, 7, dtype=torch.float64)
    target = torch.tensor(0.2, dtype=torch.float64)
    expected = kl_divergence(Bernoulli(target), Bernoulli(z.mean(0))).sum()
    assert penalty(z, 0.2).shape == ()
    torch.testing.assert_close(penalty(z, 0.2), expected)


def test_it_is_zero_where_each_unit_meets_its_target() -> None:
    z = torch.zeros(20, 4)
    z[0] = 1
    assert float(penalty(z, 0.05)) == pytest.approx(0, abs=1e-6)


def test_its_gradient_draws_units_to_the_target() -> None:
    z = torch.tensor([[0.01, 0.9]] * 4, requires_grad=True)
    (gradient,) = torch.autograd.grad(penalty(z, 0.2), z)
    assert bool((gradient[:, 0] < 0).all())
    assert bool((gradient[:, 1] > 0).all())


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_units_that_never_change_cost_much_but_not_infinity(value: float) -> None:
    assert 0.4 < float(penalty(torch.full((8, 1), value))) < 20


def test_half_precision_is_averaged_in_single() -> None:
    z = torch.rand(5000, 3).bfloat16()
    torch.testing.assert_close(penalty(z), penalty(z.float()))
    assert penalty(z).dtype == torch.float32


@pytest.mark.parametrize("code_range", [(float("-inf"), float("inf")), (0, float("inf")), (-1, 1)])
def test_codes_that_are_no_probabilities_are_refused_with_the_fix(code_range: tuple[float, float]) -> None:
    with pytest.raises(UserError) as error:
        KLSparsity(1.0).check("kl_sparsity", Code, code_range)
    assert "the term 'kl_sparsity'" in str(error.value)
    assert "Set model.code_activation=sigmoid" in str(error.value)


def test_codes_between_0_and_1_are_let_through() -> None:
    KLSparsity(1.0).check("kl_sparsity", Code, (0, 1))
