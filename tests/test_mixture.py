"""The mixture fitted to codes: its density, its samples, and the model that keeps it in its checkpoint."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from src.errors import UserError
from src.models import ReconstructionModule
from src.priors import GaussianMixture
from src.run_folder import RunFolder, open_run
from tests.conftest import NO_PICTURES, run

DIGITS = ["model=rae", "data=digits", "trainer.max_epochs=20", *NO_PICTURES]


def two_clouds(n: int = 4000) -> Tensor:
    rng = torch.Generator().manual_seed(0)
    spread = torch.tensor([[1.0, 0.0], [0.8, 0.3]])
    clouds = torch.randn(n, 2, generator=rng) @ spread.T
    return torch.cat([clouds[: n // 4] - 4, clouds[n // 4 :] + 4])


def test_it_finds_the_normals_that_made_the_codes() -> None:
    prior = GaussianMixture(2, 2)
    prior.fit(two_clouds(), seed=0)
    low, high = prior.means[:, 0].argsort().tolist()
    assert prior.weights[[low, high]].tolist() == pytest.approx([0.25, 0.75], abs=0.01)
    torch.testing.assert_close(prior.means[[low, high]], torch.tensor([[-4.0, -4], [4, 4]]), atol=0.1, rtol=0)
    covariance = prior.factors[high] @ prior.factors[high].T
    torch.testing.assert_close(covariance, torch.tensor([[1.0, 0.8], [0.8, 0.73]]), atol=0.07, rtol=0)


def test_its_density_is_that_of_torch_and_its_samples_have_its_moments() -> None:
    prior = GaussianMixture(2, 3)
    prior.fit(two_clouds(), seed=0)
    same = MixtureSameFamily(
        Categorical(prior.weights.double()), MultivariateNormal(prior.means.double(), scale_tril=prior.factors.double())
    )
    z = torch.randn(5, 7, 2, dtype=torch.float64) * 5
    torch.testing.assert_close(prior.log_prob(z), same.log_prob(z))
    torch.manual_seed(0)
    drawn = prior.sample(20_000)
    torch.testing.assert_close(drawn.mean(0).double(), same.mean, atol=0.1, rtol=0)
    torch.testing.assert_close(drawn.var(0).double(), same.variance, atol=0.4, rtol=0)


def test_before_it_is_fitted_it_says_so() -> None:
    for ask in (lambda p: p.sample(1), lambda p: p.log_prob(torch.zeros(1, 2))):
        with pytest.raises(UserError, match="fitted when training ends"):
            ask(GaussianMixture(2, 2))


def test_fewer_codes_than_components_and_codes_that_are_not_finite() -> None:
    prior = GaussianMixture(2, 5)
    prior.fit(two_clouds()[:3], seed=0)
    assert prior.sample(50).isfinite().all()
    assert prior.log_prob(torch.zeros(1, 2)).isfinite().all()
    with pytest.raises(UserError, match="NaN or infinite"):
        GaussianMixture(2, 2).fit(torch.full((9, 2), torch.nan), seed=0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rae")
    run(folder, *DIGITS)
    return folder


def distance(samples: Tensor, real: Tensor) -> float:
    """The mean distance of each sample to its nearest real image."""
    return float(torch.cdist(samples.flatten(1), real.flatten(1)).min(1).values.mean())


def test_samples_of_the_mixture_lie_nearer_to_the_data_than_those_of_a_normal(trained: Path) -> None:
    model, data, _ = open_run(trained)
    data.setup()
    assert data.test_set is not None
    real = next(data.test_set.batches(600)).x
    torch.manual_seed(0)
    with torch.no_grad():
        ours = distance(model.sample(300), real)
        normal = distance(model.image(model.decode(torch.randn(300, model.latent_dim))), real)
    assert "sample" in model.capabilities
    assert ours < 0.8 * normal


def test_the_mixture_stands_in_the_best_checkpoint_with_the_weights_it_was_fitted_to(trained: Path) -> None:
    saved = torch.load(RunFolder(trained).best, weights_only=True)["state_dict"]
    model, data, _ = open_run(trained)
    data.setup()
    assert data.train_set is not None
    assert isinstance(model.prior, GaussianMixture)
    with torch.no_grad():
        codes = model.encode(next(data.train_set.batches(5000)).x).z
    again = GaussianMixture(model.latent_dim, 10)
    again.fit(codes, seed=0)
    torch.testing.assert_close(again.means, saved["prior.means"], atol=1e-4, rtol=1e-4)


def test_the_decoder_is_smoother_than_without_the_term(tmp_path: Path) -> None:
    def slope(folder: Path, weight: float) -> float:
        run(folder, *DIGITS, "model.decoder=gradient", f"model.smoothness={weight}", "trainer.max_epochs=10")
        model, data, _ = open_run(folder)
        data.setup()
        assert data.test_set is not None
        return jacobian(model, next(data.test_set.batches(100)).x)

    assert slope(tmp_path / "with", 0.1) < 0.7 * slope(tmp_path / "without", 0.0)


def jacobian(model: ReconstructionModule, x: Tensor) -> float:
    """The mean squared norm of the decoder's Jacobian, by autograd."""
    z = model.encode(x).z.detach()
    norms = [
        torch.autograd.functional.jacobian(lambda code: model.image(model.decode(code[None])), each).square().sum()
        for each in z[:20]
    ]
    return float(torch.stack(norms).mean())


def test_a_single_code_is_all_that_it_samples() -> None:
    prior = GaussianMixture(3, 4)
    prior.fit(torch.tensor([[1.0, -2.0, 5.0]]), seed=0)
    torch.testing.assert_close(prior.sample(9), torch.tensor([[1.0, -2.0, 5.0]]).expand(9, 3), atol=0.1, rtol=0)


def test_without_a_best_checkpoint_the_last_one_keeps_the_mixture(tmp_path: Path) -> None:
    run(tmp_path, *DIGITS, "trainer.max_epochs=1", "callbacks.best_checkpoint=null")
    assert open_run(tmp_path, "last").model.prior is not None
    assert "sample" in open_run(tmp_path, "last").model.capabilities
