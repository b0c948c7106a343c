"""Several corruptions, one after another."""

import pytest
import torch

from src.corruptions import Blur, Chain, GaussianNoise, Masking, Patches, SaltAndPepper
from src.errors import UserError
from tests.corruptions.every import RANGE, assert_share, examples, indexed

N, SHAPE = 100, (3, 20, 20)


def test_a_chain_keeps_what_each_link_keeps_and_draws_for_each_anew() -> None:
    x = examples(N, SHAPE)
    links = [Masking(0.3, RANGE), GaussianNoise(0.1, RANGE), SaltAndPepper(0.2, RANGE)]
    corrupted, kept = Chain(links)(x, indexed(N))
    noise, expected, masks = indexed(N), x, []
    for link in links:
        expected, mask = link(expected, noise)
        masks += [] if mask is None else [mask]
    assert torch.equal(corrupted, expected)
    assert kept is not None
    assert torch.equal(kept, masks[0] & masks[1])
    assert_share(kept[:, 0], 0.7 * 0.8)


def test_a_chain_that_replaces_nothing_has_no_mask() -> None:
    x = examples(N, SHAPE)
    assert Chain([GaussianNoise(0.1, RANGE), GaussianNoise(0.1, RANGE)])(x, indexed(N))[1] is None
    assert Chain([])(x, indexed(N)) == (x, None)


def test_order_matters() -> None:
    x = examples(N, SHAPE)
    one, other = ([Blur(1.0), Masking(0.3, RANGE)][::step] for step in (1, -1))
    assert not torch.equal(Chain(one)(x, indexed(N))[0], Chain(other)(x, indexed(N))[0])


def test_a_chain_refuses_what_any_of_its_links_refuses() -> None:
    chain = Chain([GaussianNoise(0.1, RANGE), Chain([Patches(1, RANGE)])])
    chain.check(SHAPE)
    with pytest.raises(UserError, match="corruption=patches"):
        chain.check((30,))
