"""The sliced Wasserstein distance, in closed form."""

import math
from itertools import permutations

import pytest
import torch
from scipy.stats import wasserstein_distance
from torch.nn import functional as F

from src.noise import IndexedNoise
from src.regularizers import SlicedWasserstein
from src.regularizers.sliced_wasserstein import sliced_distance
from tests.regularizers.passes import NO_MODEL, normal, pass_of

LINE = torch.ones(1, 1, dtype=torch.float64)


def test_on_a_line_equal_shifts_and_stretches_cost_their_square() -> None:
    a = normal(500, 1)
    assert float(sliced_distance(a, a + 0.7, LINE)) == pytest.approx(0.49)
    assert float(sliced_distance(a, a[torch.randperm(500)], LINE)) == 0  # order is nothing to it
    quantiles = torch.distributions.Normal(0, 1).icdf((torch.arange(4000) + 0.5) / 4000)[:, None].double()
    between_normals = sliced_distance(0.5 + 1.5 * quantiles, 2 * quantiles - 1, LINE)
    assert float(between_normals) == pytest.approx(1.5**2 + 0.5**2, rel=1e-3)  # (m - m')^2 + (s - s')^2


def test_on_a_line_sorting_is_the_cheapest_way() -> None:
    a, b = normal(6, 1), normal(6, 1, seed=1)
    cheapest = min(float((a[list(order)] - b).square().mean()) for order in permutations(range(6)))
    assert float(sliced_distance(a, b, LINE)) == pytest.approx(cheapest)
    assert float(sliced_distance(a, b, LINE)) >= wasserstein_distance(a[:, 0], b[:, 0]) ** 2  # W_2 is at least W_1


def test_a_shift_costs_its_mean_square_over_directions() -> None:
    a, shift = normal(50, 8), normal(8, seed=1)
    directions = F.normalize(normal(20000, 8, seed=2), dim=1)
    assert float(sliced_distance(a, a + shift, directions)) == pytest.approx(float(shift.square().sum()) / 8, rel=0.03)


def test_normal_codes_cost_what_two_samples_differ_by_and_others_more() -> None:
    z = normal(1000, 4)
    term = SlicedWasserstein(1.0)
    near = float(term(pass_of(z), NO_MODEL))
    assert 0 < near < 0.02
    assert float(term(pass_of(2 * z), NO_MODEL)) == pytest.approx(1, rel=0.1)  # (2 - 1)^2
    assert float(term(pass_of(z + 1), NO_MODEL)) == pytest.approx(1, rel=0.25)  # ||1||^2 / 4 over 50 directions


@pytest.mark.parametrize("n", [1, 7, 64])
def test_as_many_directions_are_drawn_as_were_asked_for(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[torch.Tensor] = []

    def note(a: torch.Tensor, b: torch.Tensor, directions: torch.Tensor) -> torch.Tensor:
        taken.append(directions)
        return sliced_distance(a, b, directions)

    monkeypatch.setattr("src.regularizers.sliced_wasserstein.sliced_distance", note)
    SlicedWasserstein(1.0, projections=10)(pass_of(normal(n, 3)), NO_MODEL)
    (directions,) = taken
    assert directions.shape == (10, 3)
    torch.testing.assert_close(directions.norm(dim=1), torch.ones(10, dtype=torch.float64))
    assert len({tuple(t) for t in directions.tolist()}) == 10


def test_a_single_image_has_the_distance_of_two_points() -> None:
    z, noise = normal(1, 1), IndexedNoise(0, torch.arange(1))
    prior = IndexedNoise(0, torch.arange(1)).normal(z)
    value = float(SlicedWasserstein(1.0)(pass_of(z, noise), NO_MODEL))
    assert value == pytest.approx(float((z - prior).square()))
    assert math.isfinite(value)
