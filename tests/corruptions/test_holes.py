"""Parts of images and series that are hidden."""

import pytest
import torch
from torch import Tensor

from src.corruptions import Gaps, Half, Lines, Patches
from src.errors import UserError
from tests.corruptions.every import RANGE, Told, examples, indexed

N = 2000


def chi_square(counts: Tensor) -> float:
    expected = counts.sum() / len(counts)
    return float(((counts - expected) ** 2 / expected).sum())


def test_one_hole_is_a_square_of_the_size_asked_for_at_any_place_alike() -> None:
    x = examples(N, (2, 9, 7))
    corrupted, kept = Patches(1, RANGE, 4)(x, indexed(N))
    hidden = ~kept[:, 0]
    assert torch.equal(corrupted, torch.where(kept, x, torch.tensor(RANGE[0])))
    rows, columns = hidden.any(2), hidden.any(1)
    assert torch.equal(hidden, rows[:, :, None] & columns[:, None, :])
    for covered, places in ((rows, 6), (columns, 4)):
        assert (covered.sum(1) == 4).all()
        first = covered.int().argmax(1)
        assert torch.equal(covered, (torch.arange(covered.shape[1]) - first[:, None]).clamp(-1, 4).remainder(5) < 4)
        assert chi_square(torch.bincount(first, minlength=places).double()) < places - 1 + 4 * (2 * places) ** 0.5


def test_many_holes_hide_what_any_of_them_hides() -> None:
    u = torch.tensor([[0.0, 0.99]])  # the first and the last place
    kept = Patches(2, RANGE, 2)(examples(1, (1, 5, 6)), Told(u, u))[1][0, 0]
    wanted = torch.ones(5, 6, dtype=torch.bool)
    wanted[:2, :2] = wanted[-2:, -2:] = False
    assert torch.equal(kept, wanted)


@pytest.mark.parametrize(("shape", "side"), [((1, 8, 8), 2), ((3, 28, 30), 7), ((1, 3, 3), 1), ((1, 1, 9), 1)])
def test_a_hole_without_a_size_is_a_quarter_of_the_shorter_side(shape: tuple[int, ...], side: int) -> None:
    kept = Patches(1, RANGE)(examples(5, shape), indexed(5))[1]
    assert ((~kept[:, 0]).sum((1, 2)) == side**2).all()


def test_a_hole_as_large_as_the_image_hides_it_and_a_larger_one_is_refused() -> None:
    assert not Patches(1, RANGE, 5)(examples(3, (1, 5, 5)), indexed(3))[1].any()
    Patches(1, RANGE, 5).check((1, 5, 9))
    with pytest.raises(UserError, match=r"patches\.size=6 is more than images of \[1, 5, 9\] have\. Use 5 or less"):
        Patches(1, RANGE, 6).check((1, 5, 9))


@pytest.mark.parametrize(
    ("side", "hidden"),
    [
        ("left", (slice(None), slice(0, 3))),
        ("right", (slice(None), slice(4, 7))),
        ("top", (slice(0, 4), slice(None))),
        ("bottom", (slice(5, 9), slice(None))),
    ],
)
def test_the_half_asked_for_is_hidden_and_of_an_odd_side_the_smaller(side: str, hidden: tuple[slice, slice]) -> None:
    x = examples(3, (2, 9, 7))
    corrupted, kept = Half(RANGE, side)(x, indexed(3))  # type: ignore[arg-type]
    wanted = torch.ones(9, 7, dtype=torch.bool)
    wanted[hidden] = False
    assert torch.equal(kept, wanted.expand_as(x))
    assert torch.equal(corrupted, torch.where(kept, x, torch.tensor(RANGE[0])))


def test_a_random_half_is_each_of_the_four_alike() -> None:
    x = examples(N, (1, 8, 8))
    kept = Half(RANGE)(x, indexed(N))[1]
    sides = torch.stack([Half(RANGE, side)(x[:1], indexed(1))[1][0] for side in ("left", "right", "top", "bottom")])
    which = (kept[:, None] == sides).flatten(2).all(2)
    assert (which.sum(1) == 1).all()
    assert chi_square(which.sum(0).double()) < 3 + 4 * 6**0.5


def test_an_image_one_pixel_wide_has_no_halves() -> None:
    with pytest.raises(UserError, match=r"no two halves in images of \[1, 5, 1\]\. Use corruption=masking"):
        Half(RANGE).check((1, 5, 1))


def test_a_level_scratch_is_a_row_of_pixels_and_a_wider_one_three() -> None:
    x = examples(1, (2, 8, 10))
    level = torch.tensor([2.5 / 8, 1.5 / 10, 2.5 / 8, 7.5 / 10, 0.9])  # y, x of both ends, and its colour
    for width, rows in ((1.0, 1), (3.0, 3)):
        corrupted, kept = Lines(1, RANGE, width)(x, Told(level))
        hidden = ~kept[0, 0]
        assert hidden[2].nonzero().flatten().tolist()[rows // 2 : 7 + rows // 2] == list(range(1, 8))
        assert hidden.any(1).sum() == rows
        assert torch.equal(corrupted, torch.where(kept, x, torch.tensor(RANGE[1])))


def test_a_diagonal_scratch_has_no_gaps() -> None:
    diagonal = torch.tensor([0.5 / 8, 0.5 / 8, 7.5 / 8, 7.5 / 8, 0.1])
    kept = Lines(1, RANGE)(examples(1, (1, 8, 8)), Told(diagonal))[1][0, 0]
    assert torch.equal(kept, ~torch.eye(8, dtype=torch.bool))


def test_scratches_lie_within_half_their_width_of_their_line() -> None:
    u = torch.rand(5, 3, 5, generator=torch.Generator().manual_seed(3))
    kept = Lines(3, RANGE, 2.5)(examples(5, (1, 12, 17)), Told(u))[1][:, 0]
    ends = u[..., :4].double() * torch.tensor([12.0, 17.0, 12.0, 17.0])
    a, b = torch.complex(*ends[..., :2].unbind(-1)), torch.complex(*ends[..., 2:].unbind(-1))
    along = torch.linspace(0, 1, 1001, dtype=torch.float64)
    points = a[..., None] + (b - a)[..., None] * along
    middles = torch.complex(torch.arange(12)[:, None] + 0.5, torch.arange(17) + 0.5).to(torch.complex128)
    for i in range(5):
        distance = (points[i, :, None, None, :] - middles[..., None]).abs().amin((0, 3))
        clear = (distance - 1.25).abs() > 1e-3
        assert torch.equal((~kept[i])[clear], (distance <= 1.25)[clear])


@pytest.mark.parametrize(("colour", "values"), [("white", {2.0}), ("black", {-1.0}), ("either", {2.0, -1.0})])
def test_scratches_have_the_colour_asked_for(colour: str, values: set[float]) -> None:
    corrupted, kept = Lines(2, RANGE, colour=colour)(examples(200, (1, 9, 9)), indexed(200))  # type: ignore[arg-type]
    assert set(corrupted[~kept].unique().tolist()) == values
    assert ((~kept).flatten(1).sum(1) > 0).float().mean() > 0.98


def test_gaps_are_as_long_as_asked_for_at_any_time_alike_in_all_channels() -> None:
    x = examples(N, (2, 12))
    corrupted, kept = Gaps(1, RANGE, 5)(x, indexed(N))
    assert torch.equal(corrupted, torch.where(kept, x, torch.tensor(RANGE[0])))
    assert torch.equal(kept[:, 0], kept[:, 1])
    assert ((~kept[:, 0]).sum(1) == 5).all()
    first = (~kept[:, 0]).int().argmax(1)
    assert chi_square(torch.bincount(first, minlength=8).double()) < 7 + 4 * 14**0.5


def test_several_gaps_and_what_stands_in_them() -> None:
    kept = Gaps(2, RANGE, 2)(examples(1, (1, 8)), Told(torch.tensor([[0.0, 0.5]])))[1][0, 0]
    assert kept.int().tolist() == [0, 0, 1, 0, 0, 1, 1, 1]
    x = examples(4, (1, 16))
    for corruption, value in ((Gaps(1, None), 0.0), (Gaps(1, RANGE), -1.0), (Gaps(1, RANGE, value=0.5), 0.5)):
        corrupted, kept = corruption(x, indexed(4))
        assert corrupted[~kept].unique().tolist() == [value]
        assert ((~kept).flatten(1).sum(1) == 2).all()


def test_a_gap_longer_than_the_series_is_refused() -> None:
    with pytest.raises(UserError, match=r"gaps\.length=9 is more than series of 8 steps have\. Use 8 or less"):
        Gaps(1, RANGE, 9).check((1, 8))
