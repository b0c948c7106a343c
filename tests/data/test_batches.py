"""Which images stand in which batch, on one process and on several."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import pytest
import torch

from src.data import EpochBatches, batches
from src.data.seeds import seed_for


def flat(lists: Iterable[list[Any]]) -> list[Any]:
    return list(chain.from_iterable(lists))


def epoch_of(
    n: int, size: int, *, seed: int = 0, epoch: int = 0, shuffle: bool = True, of: tuple[int, int] = (1, 0)
) -> list[list[int]]:
    """The batches that process `of[1]` of `of[0]` gets; their number is what `len` says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_world_and_rank", lambda: of)
        sampler = EpochBatches(n, size, seed, lambda: epoch, shuffle)
        found = [batch.tolist() for batch in sampler]
        assert len(found) == len(sampler)
    return found


def test_every_image_comes_once_an_epoch() -> None:
    found = epoch_of(103, 10)
    assert [len(batch) for batch in found] == [10] * 10 + [3]
    assert sorted(flat(found)) == list(range(103))


def test_evaluation_is_in_order() -> None:
    assert flat(epoch_of(23, 5, shuffle=False)) == list(range(23))


def test_the_order_follows_from_seed_and_epoch_alone() -> None:
    torch.manual_seed(1)
    first = epoch_of(50, 7, seed=3, epoch=4)
    torch.manual_seed(2)
    assert epoch_of(50, 7, seed=3, epoch=4) == first
    orders = [epoch_of(50, 50, seed=seed, epoch=epoch)[0] for seed in range(3) for epoch in range(3)]
    assert len({tuple(order) for order in orders}) == 9


def test_the_epoch_is_read_at_each_pass_and_the_global_generator_left_alone() -> None:
    now = 0
    sampler = EpochBatches(20, 20, 0, lambda: now, shuffle=True)
    before = torch.get_rng_state()
    first = next(iter(sampler))
    now = 1
    assert not torch.equal(first, next(iter(sampler)))
    now = 0
    assert torch.equal(first, next(iter(sampler)))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("n", [96, 100, 101, 97])
@pytest.mark.parametrize("world", [2, 3])
def test_processes_see_together_what_one_sees_in_a_larger_batch(n: int, world: int) -> None:
    ranks = [epoch_of(n, 8, of=(world, rank)) for rank in range(world)]
    alone = epoch_of(n, 8 * world)
    assert len({len(steps) for steps in ranks}) == 1
    for k, steps in enumerate(zip(*ranks, strict=True)):
        assert len({len(batch) for batch in steps}) == 1
        assert set(flat(steps)) <= set(alone[k])
    seen = flat(flat(ranks))
    assert len(seen) == len(set(seen)) == n - n % world


@pytest.mark.parametrize("n", [1, 16, 96, 97, 101])
@pytest.mark.parametrize("world", [2, 3])
def test_processes_part_an_evaluation_without_loss_or_duplicate(n: int, world: int) -> None:
    ranks = [flat(epoch_of(n, 8, shuffle=False, of=(world, rank))) for rank in range(world)]
    assert sorted(flat(ranks)) == list(range(n))
    assert max(map(len, ranks)) - min(map(len, ranks)) <= 1


def test_seeds_differ_by_purpose() -> None:
    assert len({seed_for(purpose, seed) for purpose in ("order", "split") for seed in range(100)}) == 200
    assert 0 <= seed_for("order", 0) < 2**63
