"""What every term over the codes of a batch keeps to."""

import pytest
import torch

from src.noise import FreshNoise
from src.regularizers import Decorrelation, MaximumMeanDiscrepancy, OverBatch, SlicedWasserstein, TotalCorrelation
from tests.regularizers.passes import NO_MODEL, normal, pass_of

TERMS = {
    "decorrelation": Decorrelation(1.0),
    "total_correlation": TotalCorrelation(1.0),
    "mmd rbf": MaximumMeanDiscrepancy(1.0, "rbf"),
    "mmd imq": MaximumMeanDiscrepancy(1.0, "imq"),
    "sliced_wasserstein": SlicedWasserstein(1.0),
}
every_term = pytest.mark.parametrize("term", TERMS.values(), ids=TERMS)


@every_term
@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_last_batch_may_be_tiny(term: OverBatch, n: int) -> None:
    z = normal(n, 4).requires_grad_()
    value = term(pass_of(z), NO_MODEL)
    assert value.shape == ()
    assert bool(value.isfinite())
    (gradient,) = torch.autograd.grad(value + 0 * z.sum(), z)
    assert bool(gradient.isfinite().all())


@every_term
def test_units_that_never_change_harm_neither_value_nor_gradient(term: OverBatch) -> None:
    z = normal(6, 4)
    z[:, :2] = 0
    z = z.float().requires_grad_()
    value = term(pass_of(z), NO_MODEL)
    (gradient,) = torch.autograd.grad(value, z)
    assert bool(value.isfinite())
    assert bool(gradient.isfinite().all())
    assert bool(gradient.any())


@every_term
def test_feature_maps_are_measured_as_long_vectors(term: OverBatch) -> None:
    maps = normal(6, 2, 3, 2)
    torch.testing.assert_close(term(pass_of(maps), NO_MODEL), term(pass_of(maps.flatten(1)), NO_MODEL))


@every_term
def test_half_precision_is_measured_in_single_autocast_or_not(term: OverBatch) -> None:
    z = 3 * normal(40, 5).bfloat16()
    expected = term(pass_of(z.float()), NO_MODEL)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        coarse = term(pass_of(z.float()), NO_MODEL)
    torch.testing.assert_close(coarse, expected, rtol=1e-6, atol=1e-7)
    assert term(pass_of(z), NO_MODEL).dtype == torch.float32


@every_term
def test_its_random_numbers_are_those_of_the_pass(term: OverBatch) -> None:
    z = normal(10, 3)
    torch.manual_seed(0)
    first = term(pass_of(z), NO_MODEL)
    assert torch.equal(first, term(pass_of(z), NO_MODEL))
    if not isinstance(term, Decorrelation | TotalCorrelation):  # those draw nothing
        assert not torch.equal(first, term(pass_of(z, FreshNoise()), NO_MODEL))
