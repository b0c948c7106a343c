"""Figures of merit, by hand and against torchmetrics."""

import math
import warnings

import pytest
import torch
from torch import Tensor, nn
from torchmetrics.functional.image import structural_similarity_index_measure

from src.metrics import ReconstructionFigures
from src.metrics.reconstruction import ssim_sigma

SHAPE = (1, 28, 28)
UNIT = (0.0, 1.0)


def smooth(n: int = 6, shape: tuple[int, ...] = SHAPE) -> Tensor:
    """Images with structure: random ones, averaged over neighbours."""
    x = torch.rand(n, *shape, generator=torch.Generator().manual_seed(0))
    return nn.functional.avg_pool2d(x, 5, stride=1, padding=2)


def noisy(x: Tensor, std: float = 0.02) -> Tensor:
    return x + std * torch.randn(x.shape, generator=torch.Generator().manual_seed(1))


def figures_of(x_hat: Tensor, x: Tensor, data_range: tuple[float, ...] = UNIT, size: int = 4) -> dict[str, float]:
    figures = ReconstructionFigures(tuple(x.shape[1:]), data_range)
    for a, b in zip(x_hat.split(size), x.split(size), strict=True):
        figures.update(a, b)
    return {name: value.item() for name, value in figures.compute().items()}


def test_errors_by_hand_over_batches_of_unequal_size() -> None:
    x, x_hat = torch.zeros(3, 1, 1, 2), torch.tensor([[1.0, 2.0], [0.0, 0.0], [0.0, 1.0]]).view(3, 1, 1, 2)
    assert figures_of(x_hat, x, (-1.0, 1.0), size=2) == pytest.approx(
        {"se": 2.0, "mse": 1.0, "psnr": 10 * math.log10(4)}
    )


def test_psnr_is_of_the_mean_mse() -> None:
    x, x_hat = torch.zeros(2, 4), torch.tensor([[0.1] * 4, [0.3] * 4])
    assert figures_of(x_hat, x)["psnr"] == pytest.approx(-10 * math.log10((0.01 + 0.09) / 2))


def test_nothing_is_clipped() -> None:
    x = torch.ones(2, 4)
    assert figures_of(3 * x, x)["se"] == 16


def test_identical_images_have_ssim_1_and_no_error() -> None:
    x = smooth()
    figures = figures_of(x, x)
    assert figures["ssim"] == pytest.approx(1, abs=1e-6)
    assert figures["se"] == 0
    assert figures["psnr"] == math.inf


@pytest.mark.parametrize("shape", [SHAPE, (3, 32, 40), (1, 11, 11)])
@pytest.mark.parametrize("data_range", [UNIT, (-1.0, 1.0)])
def test_ssim_is_the_default_of_torchmetrics_from_11_pixels_on(
    shape: tuple[int, ...], data_range: tuple[float, float]
) -> None:
    """And the same pictures have the same figure wherever black and white stand."""
    x, (low, high) = smooth(6, shape), data_range
    expected = structural_similarity_index_measure(noisy(x), x, data_range=1.0)
    stored, seen = (low + (high - low) * image for image in (x, noisy(x)))
    assert figures_of(seen, stored, data_range)["ssim"] == pytest.approx(float(expected), abs=1e-5)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(3, 3), (3, 40), (4, 4), (5, 9), (8, 8), (10, 10), (10, 300)])
def test_smaller_images_have_a_narrower_window_that_fits(size: tuple[int, int]) -> None:
    sigma = ssim_sigma((1, *size))
    assert sigma is not None
    assert min(size) - 2 < 2 * int(3.5 * sigma + 0.5) + 1 <= min(size)
    x = smooth(6, (1, *size))
    assert figures_of(x, x)["ssim"] == pytest.approx(1, abs=1e-5)
    little, much = (figures_of(noisy(x, std), x)["ssim"] for std in (0.02, 0.3))
    assert 0.5 < little < 1
    assert much < little


@pytest.mark.parametrize("shape", [(10,), (1, 2, 40), (3, 40, 2), (1, 1, 1), (5, 6)])
def test_what_is_no_image_or_too_small_has_no_ssim(shape: tuple[int, ...]) -> None:
    x = torch.rand(4, *shape)
    assert set(figures_of(x * 0.9, x)) == {"se", "mse", "psnr"}


def test_a_new_epoch_starts_from_nothing() -> None:
    figures, x = ReconstructionFigures(SHAPE, UNIT), smooth()
    figures.update(noisy(x, 0.5), x)
    figures.compute()
    figures.reset()
    figures.update(noisy(x), x)
    assert figures.compute()["se"].item() == pytest.approx(figures_of(noisy(x), x)["se"])


def test_many_images_are_counted_and_summed_without_loss() -> None:
    x = torch.rand(50_000, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    figures = figures_of(torch.zeros_like(x), x, size=64)
    assert figures["se"] == pytest.approx(float(x.double().square().sum()) / len(x), rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_models_are_measured_in_single(dtype: torch.dtype) -> None:
    model = nn.ModuleDict({"figures": ReconstructionFigures(SHAPE, UNIT)}).to(dtype)
    figures = model["figures"]
    assert isinstance(figures, ReconstructionFigures)
    x = smooth(63)  # whose multiples half precision rounds
    for _ in range(2):  # a reset must not bring the half precision back
        figures.reset()
        for _ in range(20):
            figures.update(noisy(x).to(dtype), x.to(dtype))
    expected = figures_of(noisy(x).to(dtype).float(), x.to(dtype).float())
    assert {name: value.item() for name, value in figures.compute().items()} == pytest.approx(expected, rel=1e-4)


def test_autocast_changes_no_figure() -> None:
    x = smooth()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = figures_of(noisy(x), x)
    assert inside == figures_of(noisy(x), x)


def test_nothing_of_it_is_in_a_checkpoint() -> None:
    model = nn.ModuleDict({"figures": ReconstructionFigures(SHAPE, UNIT)})
    assert model.state_dict() == {}


def test_what_two_processes_saw_adds_up() -> None:
    x = smooth()
    whole, parts = ReconstructionFigures(SHAPE, UNIT), [ReconstructionFigures(SHAPE, UNIT) for _ in range(2)]
    whole.update(noisy(x), x)
    for figures, at in zip(parts, (slice(0, 1), slice(1, None)), strict=True):
        figures.update(noisy(x)[at], x[at])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that compute() is called before update(): the sums are set by hand
        both = ReconstructionFigures(SHAPE, UNIT)
        for name, reduce in both._reductions.items():
            values = torch.stack([getattr(figures, name) for figures in parts])
            assert callable(reduce)
            setattr(both, name, reduce(values))
        summed = both.compute()
    assert {k: v.item() for k, v in summed.items()} == pytest.approx({k: v.item() for k, v in whole.compute().items()})


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("autocast", [False, True])
def test_a_gpu_measures_what_a_cpu_measures(autocast: bool) -> None:
    x = smooth()
    figures = ReconstructionFigures(SHAPE, UNIT).to("cuda")
    with torch.autocast("cuda", dtype=torch.bfloat16, enabled=autocast):
        figures.update(noisy(x).cuda(), x.cuda())
    expected = figures_of(noisy(x), x)
    assert {name: value.item() for name, value in figures.compute().items()} == pytest.approx(expected, rel=1e-4)


def test_values_without_ends_have_no_psnr_and_no_ssim() -> None:
    x = smooth(4)
    assert figures_of(x + 1, x, (-math.inf, math.inf)).keys() == {"se", "mse"}
