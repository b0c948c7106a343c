"""Nearest neighbours in pixels."""

import pytest
import torch

from src.metrics import nearest as module
from src.metrics.nearest import nearest


def test_the_nearest_and_its_squared_distance() -> None:
    among = torch.tensor([[0.0, 0], [3, 4], [10, 0]])
    found = nearest(torch.tensor([[3.0, 3], [9, 2], [0, -1]]), among)
    assert found.place.tolist() == [1, 2, 0]
    assert found.se.tolist() == [1, 5, 1]


def test_copies_are_found_and_are_at_no_distance_far_from_zero_too() -> None:
    among = 1000 + torch.rand(200, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    found = nearest(among[50:60], among)
    assert found.place.tolist() == list(range(50, 60))
    assert found.se.eq(0).all()


def test_parts_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    x, among = (torch.randn(n, 2, 3, generator=torch.Generator().manual_seed(n)) for n in (31, 17))
    whole = nearest(x, among)
    monkeypatch.setattr(module, "NUMBERS_AT_ONCE", 17 * 4)
    parts = nearest(x, among)
    assert torch.equal(whole.place, parts.place)
    assert torch.equal(whole.se, parts.se)
    expected = (x[:, None] - among).flatten(2).square().sum(2).min(1)
    assert torch.equal(parts.place, expected.indices)
    torch.testing.assert_close(parts.se.float(), expected.values)
