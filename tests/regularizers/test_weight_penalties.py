"""Penalties on weight matrices, by their singular values."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from src.models import UndercompleteAutoencoder
from src.regularizers import DecoderL2, Orthogonal, Regularizer, Spectral
from src.regularizers.spectral import largest_singular_value_squared
from tests.regularizers.passes import normal, pass_of
from tests.small_models import batch, mlp, parts

OUT = pass_of(normal(2, 3))
SHAPES = [(3, 7), (7, 3), (5, 5), (256, 512)]


def model_with(*weights: Tensor) -> Any:
    return SimpleNamespace(encoder_weights=lambda: list(weights), decoder_weights=lambda: list(weights))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_orthogonal_is_how_far_the_squared_singular_values_are_from_one(shape: tuple[int, int]) -> None:
    w = normal(*shape)
    expected = (torch.linalg.svdvals(w).square() - 1).square().sum()
    torch.testing.assert_close(Orthogonal(1.0)(OUT, model_with(w)), expected)


@pytest.mark.parametrize("shape", SHAPES[:3], ids=str)
def test_a_matrix_with_orthonormal_rows_or_columns_costs_nothing(shape: tuple[int, int]) -> None:
    u, _, v = torch.linalg.svd(normal(*shape), full_matrices=False)
    assert float(Orthogonal(1.0)(OUT, model_with(u @ v))) == pytest.approx(0, abs=1e-20)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_spectral_is_the_square_of_the_largest_singular_value(shape: tuple[int, int]) -> None:
    w = normal(*shape)
    exact = torch.linalg.matrix_norm(w, 2).square()
    torch.testing.assert_close(largest_singular_value_squared(w, 2000), exact, rtol=1e-6, atol=0)
    estimate = Spectral(1.0)(OUT, model_with(w))
    assert 0.95 * exact < estimate <= exact * (1 + 1e-12)  # a random matrix is the hard case: its values lie close


def test_a_trained_like_matrix_needs_few_steps() -> None:
    u, _, v = torch.linalg.svd(normal(40, 60), full_matrices=False)
    w = u @ torch.linspace(1, 3, 40, dtype=torch.float64).square().diag() @ v
    assert float(Spectral(1.0, iterations=20)(OUT, model_with(w))) == pytest.approx(81, rel=0.02)


def test_the_gradient_of_spectral_is_that_of_the_singular_value() -> None:
    w = normal(4, 6).requires_grad_()
    (expected,) = torch.autograd.grad(torch.linalg.matrix_norm(w, 2).square(), w)
    (gradient,) = torch.autograd.grad(Spectral(1.0, iterations=500)(OUT, model_with(w)), w)
    torch.testing.assert_close(gradient, expected)


def test_a_matrix_of_zeros_harms_neither_value_nor_gradient() -> None:
    w = torch.zeros(3, 5, requires_grad=True)
    for term in (Spectral(1.0), Orthogonal(1.0), DecoderL2(1.0)):
        value = term(OUT, model_with(w))
        assert bool(value.isfinite())
        assert bool(torch.autograd.grad(value, w)[0].isfinite().all())


@pytest.mark.parametrize("term", [Spectral(1.0), Orthogonal(1.0), DecoderL2(1.0)], ids=lambda t: type(t).__name__)
def test_all_matrices_count_in_single_precision_at_least(term: Regularizer) -> None:
    a, b = normal(3, 7), normal(6, 2, seed=1)
    both = term(OUT, model_with(a, b))
    assert both.shape == ()
    torch.testing.assert_close(both, term(OUT, model_with(a)) + term(OUT, model_with(b)))
    assert term(OUT, model_with(a.bfloat16())).dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        coarse = term(OUT, model_with(a.float()))
    torch.testing.assert_close(coarse, term(OUT, model_with(a.float())))


def test_decoder_l2_sums_squares() -> None:
    weights = torch.tensor([[1.0, -2.0]]), torch.tensor([[3.0], [0.5]])
    assert float(DecoderL2(1.0)(OUT, model_with(*weights))) == 1 + 4 + 9 + 0.25


@pytest.mark.parametrize(("term", "part"), [(Orthogonal, "encoder"), (Spectral, "encoder"), (DecoderL2, "decoder")])
def test_the_weights_are_those_of_one_half_of_a_model(term: type[Regularizer], part: str) -> None:
    model = UndercompleteAutoencoder(3, **parts(mlp(6))).double()
    term(1.0)(model(batch()), model).backward()
    reached = {name for name, p in model.named_parameters() if p.grad is not None and bool(p.grad.any())}
    assert reached == {n for n, p in model.named_parameters() if n.startswith(f"network.{part}.") and p.dim() == 2}
    assert len(reached) == 2
