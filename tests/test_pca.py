"""PCA against scikit-learn, and the angle between subspaces against known rotations."""

import math
import os
from pathlib import Path

import pytest
import torch
from sklearn import decomposition
from sklearn.datasets import load_digits
from torch import Tensor

from src import pca
from src.data import Mnist
from src.pca import PCA, Batches, images_at_once, principal_angle


def digits() -> Tensor:
    return torch.from_numpy(load_digits().data).float().view(-1, 1, 8, 8) / 16


def in_batches(x: Tensor, size: int = 100) -> Batches:
    return lambda: x.split(size)


def decaying(n: int = 500, d: int = 120) -> Tensor:
    """Numbers whose principal deviations halve every 8 components, around a mean far from 0."""
    rng = torch.Generator().manual_seed(0)
    axes = torch.linalg.qr(torch.randn(d, d, generator=rng))[0]
    return 3 + (torch.randn(n, d, generator=rng) * 0.5 ** (torch.arange(d) / 8)) @ axes


@pytest.mark.parametrize("k", [1, 8, 30])
def test_the_reconstruction_is_that_of_scikit_learn(k: int) -> None:
    x = digits()
    ours = PCA.fit(in_batches(x), k)
    theirs = decomposition.PCA(k, svd_solver="full").fit(x.flatten(1).double().numpy())
    expected = torch.from_numpy(theirs.inverse_transform(theirs.transform(x.flatten(1).double().numpy()))).float()
    assert ours.exact
    torch.testing.assert_close(ours.reconstruct(x), expected.view_as(x), atol=1e-5, rtol=0)
    torch.testing.assert_close(ours.mean, torch.from_numpy(theirs.mean_).float(), atol=1e-6, rtol=0)
    components = torch.from_numpy(theirs.components_).float()
    overlap = (ours.components * components).sum(1)
    torch.testing.assert_close(overlap.abs(), torch.ones(k), atol=1e-5, rtol=0)


def test_codes_are_uncorrelated_and_their_spread_falls() -> None:
    x = digits()
    z = PCA.fit(in_batches(x), 10).encode(x)
    covariance = torch.cov(z.double().T)
    torch.testing.assert_close(covariance, covariance.diag().diag(), atol=1e-5, rtol=0)
    assert bool((covariance.diag().diff() < 0).all())


def test_the_size_of_the_batches_makes_no_difference() -> None:
    x = digits()
    a, b = PCA.fit(in_batches(x, 7), 5), PCA.fit(in_batches(x, 2000), 5)
    torch.testing.assert_close(a.reconstruct(x), b.reconstruct(x), atol=1e-6, rtol=0)


def test_as_many_components_as_inputs_reconstruct_everything() -> None:
    x = digits()
    whole = PCA.fit(in_batches(x), 1000)
    assert whole.components.shape == (64, 64)
    torch.testing.assert_close(whole.reconstruct(x), x, atol=1e-5, rtol=0)


def test_a_few_examples_lie_in_the_span_of_fewer_components() -> None:
    x = digits()[:4]
    torch.testing.assert_close(PCA.fit(in_batches(x), 3).reconstruct(x), x, atol=1e-5, rtol=0)


def test_components_stand_in_rows_that_are_orthonormal() -> None:
    components = PCA.fit(in_batches(digits()), 12).components
    torch.testing.assert_close(components @ components.T, torch.eye(12), atol=1e-6, rtol=0)


def test_the_randomised_components_are_the_exact_ones_where_the_spectrum_decays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = decaying()
    exact = PCA.fit(in_batches(x), 10)
    monkeypatch.setattr(pca, "EXACT_UP_TO", 119)
    randomised = PCA.fit(in_batches(x), 10)
    assert exact.exact
    assert not randomised.exact
    assert principal_angle(exact.components, randomised.components) < 0.1
    torch.testing.assert_close(randomised.reconstruct(x), exact.reconstruct(x), atol=1e-3, rtol=0)
    overlap = (exact.components * randomised.components).sum(1).abs()
    torch.testing.assert_close(overlap, torch.ones(10), atol=1e-3, rtol=0)
    again = PCA.fit(in_batches(x), 10)
    assert torch.equal(again.components, randomised.components)


def test_large_examples_come_fewer_at_a_time() -> None:
    assert images_at_once([1, 28, 28]) == 2048
    assert 30 < images_at_once([3, 224, 224]) < 100
    assert images_at_once([3, 10_000, 10_000]) == 1


@pytest.mark.parametrize("degrees", [0.0, 1e-6, 0.01, 30.0, 89.0, 90.0])
def test_a_known_rotation_has_its_angle(degrees: float) -> None:
    angle = math.radians(degrees)
    a = torch.eye(5, dtype=torch.float64)[:2]
    b = torch.tensor([[math.cos(angle), 0, 0, math.sin(angle), 0], [0, 1, 0, 0, 0]], dtype=torch.float64)
    assert principal_angle(a, b) == pytest.approx(degrees, rel=1e-6, abs=1e-9)
    assert principal_angle(b, a) == pytest.approx(degrees, rel=1e-6, abs=1e-9)


def test_the_angle_is_the_largest_and_belongs_to_the_spans() -> None:
    small, large = math.radians(10), math.radians(40)
    a = torch.eye(4)[:2]
    b = torch.tensor([[math.cos(small), 0, math.sin(small), 0], [0, math.cos(large), 0, math.sin(large)]])
    mixing = torch.tensor([[2.0, 1.0], [-3.0, 0.5]])
    assert principal_angle(a, b) == pytest.approx(40, abs=1e-4)
    assert principal_angle(mixing @ a, b) == pytest.approx(40, abs=1e-4)
    assert principal_angle(a, mixing @ a) == pytest.approx(0, abs=1e-4)


def test_thirty_components_of_mnist_leave_the_published_error() -> None:
    root = os.environ.get("HOURGLASS_DATA", "data")
    if not (Path(root) / "MNIST" / "raw").is_dir():
        pytest.skip(f"no MNIST in {root}; set HOURGLASS_DATA to the folder that has MNIST/raw")
    data = Mnist(shape=[1, 28, 28], root=root)
    data.setup()
    fitted = PCA.fit(lambda: (batch.x for batch in data.train_set.batches(images_at_once(data.shape))), 30)
    x = data.test_set.stored.float() / 255
    se = (fitted.reconstruct(x) - x).square().flatten(1).sum(1).mean()
    assert float(se) == pytest.approx(13.87, abs=0.02)
