"""Reconstruction figures against closed forms."""

import math

import pytest
import torch
from torch import Tensor

from src.pca import PCA
from src.scorecard.contenders import Rival
from src.scorecard.reconstruction import Reconstruction
from tests.scorecard.contender import Changed, pool

GREY = torch.rand(300, 2, 9, 7, generator=torch.Generator().manual_seed(0))
D = 2 * 9 * 7
MEASURE = Reconstruction()


def values(x: Tensor, change: object, **about: object) -> dict[str, float]:
    found = MEASURE.measure(Changed(change), pool(x, **about))  # type: ignore[arg-type]
    return {name: measured.value for name, measured in found.scores.items()}


def test_an_error_of_the_same_size_everywhere() -> None:
    found = values(GREY, lambda x: x + 0.1)
    assert found["se"] == pytest.approx(D * 0.01, rel=1e-5)
    assert found["mse"] == pytest.approx(0.01, rel=1e-5)
    assert found["psnr"] == pytest.approx(20, rel=1e-5)


def test_psnr_is_of_the_mean_error_and_of_the_width_of_the_range() -> None:
    halves = torch.full((300, 1, 4, 4), 0.2)
    halves[150:] = 0.6
    found = values(halves, lambda x: torch.where(x < 0.4, x + 0.1, x + 0.3))
    assert found["psnr"] == pytest.approx(-10 * math.log10((0.01 + 0.09) / 2), rel=1e-5)
    assert values(GREY * 2 - 1, lambda x: x + 0.2, ends=(-1.0, 1.0))["psnr"] == pytest.approx(20, rel=1e-5)


def test_clipping_takes_off_what_lies_outside_the_range_and_nothing_else() -> None:
    black = torch.zeros(20, 1, 4, 4)
    below, above = values(black, lambda x: x - 0.5), values(black, lambda x: x + 1.5)
    assert (below["se"], below["se_clipped"]) == (16 * 0.25, 0)
    assert (above["se"], above["se_clipped"]) == (16 * 2.25, 16)
    assert above["psnr_clipped"] == pytest.approx(0)
    inside = values(GREY, lambda x: x * 0.5)
    assert inside["se_clipped"] == inside["se"]


def test_ssim_is_one_of_equal_images_and_known_of_flat_ones() -> None:
    assert values(GREY, lambda x: x)["ssim"] == pytest.approx(1)
    flat = torch.full((5, 1, 12, 12), 0.5)
    expected = (2 * 0.5 * 0.25 + 1e-4) / (0.25 + 0.0625 + 1e-4)  # no variance: what is left compares the means
    assert values(flat, lambda x: x - 0.25)["ssim"] == pytest.approx(expected, rel=1e-3)


def test_each_class_has_its_own_error_by_its_name() -> None:
    y = torch.arange(300) % 3
    x = GREY * 0 + y.view(-1, 1, 1, 1)
    found = values(x, torch.zeros_like, y=y, classes="nought one two", ends=(0.0, 2.0))
    assert [found[f"se/{name}"] for name in ("nought", "one", "two")] == pytest.approx([0, D, 4 * D])
    assert values(x, torch.zeros_like, y=y, classes="nought")["se/2"] == pytest.approx(4 * D)


def test_pca_loses_the_variance_of_the_directions_it_leaves_out() -> None:
    x = torch.randn(400, 6, generator=torch.Generator().manual_seed(1)) * torch.tensor([5.0, 4, 3, 2, 1, 0.5])
    data = pool(x, ends=(-math.inf, math.inf))
    found = MEASURE.measure(Rival(PCA.fit(lambda: [x], 2), data.train), data).scores
    spread = torch.linalg.eigvalsh(torch.cov(x.double().T, correction=0))
    assert found["se"].value == pytest.approx(float(spread[:4].sum()), rel=1e-4)


@pytest.mark.parametrize("shape", [(6,), (2, 16)])
def test_values_without_ends_have_no_peak_and_nothing_to_clip(shape: tuple[int, ...]) -> None:
    data = pool(torch.randn(30, *shape), ends=(-math.inf, math.inf))
    model = Changed(lambda x: x + 1)
    found = MEASURE.measure(model, data)
    assert set(found.scores) == {"se", "mse"}
    assert {"psnr", "ssim", "se_clipped", "psnr_clipped"} <= set(found.skipped)
    assert found.scores["mse"].value == pytest.approx(1, rel=1e-5)
    assert set(MEASURE.pictures(model, model, data)) == {"errors", "best_and_worst"}


def test_a_series_with_ends_has_a_peak_but_no_structural_similarity() -> None:
    found = MEASURE.measure(Changed(lambda x: x + 0.1), pool(torch.rand(30, 2, 16)))
    assert found.scores["psnr"].value == pytest.approx(20, rel=1e-5)
    assert "3 x 3" in found.skipped["ssim"]


def test_pictures_are_of_the_best_and_the_worst() -> None:
    x = torch.arange(40.0).view(-1, 1, 1, 1).expand(-1, 1, 5, 4) / 40
    model, rival = Changed(torch.zeros_like), Changed(torch.ones_like, "PCA-3")
    figures = Reconstruction(shown=3).pictures(model, rival, pool(x))
    best, worst = figures["best_and_worst"].axes
    assert [label.get_text() for label in best.get_yticklabels()] == ["input", "Changed", "PCA-3"]
    errors = [[float(label.get_text().split("\n")[0]) for label in ax.get_xticklabels()] for ax in (best, worst)]
    expected = [[20 * (k / 40) ** 2 for k in ks] for ks in ((0, 1, 2), (39, 38, 37))]
    assert errors == [pytest.approx(e, rel=1e-2) for e in expected]
    legend = figures["errors"].axes[0].get_legend()
    assert legend is not None
    assert [text.get_text().split(",")[0] for text in legend.get_texts()] == ["Changed", "PCA-3"]


def test_one_example_has_no_best_and_worst() -> None:
    model = Changed(torch.zeros_like)
    assert set(MEASURE.pictures(model, model, pool(torch.rand(1, 1, 4, 4)))) == {"errors"}
