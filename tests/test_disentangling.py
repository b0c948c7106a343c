"""What the disentangling and the conditional VAEs are for shows, against the plain VAE or without their own term.

Figures of codes are those of all training images together, q(z) = sum_n q(z|x_n) / N in full.
"""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from src.contracts import Batch, GaussianCode
from src.models import ReconstructionModule
from src.run_folder import open_run
from tests.conftest import NO_PICTURES, run

SETTING = [
    *("data=digits", "data.batch_size=128", "optimizer.lr=0.002", "network.hidden=[128]"),
    *("model.latent_dim=4", "trainer.max_epochs=50"),
    *("callbacks.early_stopping=null", "callbacks.last_checkpoint=null", *NO_PICTURES),
]


def trained(folder: Path, *options: str) -> tuple[ReconstructionModule, Batch, GaussianCode]:
    """The model of a run on digits, the images it was trained on, and a code drawn for each."""
    run(folder, *SETTING, *options)
    model, data, _ = open_run(folder)
    data.setup()
    batch = data.train_set.__getitems__(range(len(data.train_set)))
    torch.manual_seed(0)
    code = model.requires_grad_(False).encode(batch.x, batch.y)
    assert isinstance(code, GaussianCode)
    mean, std = code.mean.double(), code.std.double()
    return model, batch, GaussianCode(mean + std * torch.randn_like(mean), mean, std)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> GaussianCode:
    """The codes of a plain VAE."""
    return trained(tmp_path_factory.mktemp("plain") / "vae", "model=vae")[2]


def parts_of_the_divergence(code: GaussianCode, draws: int = 4) -> tuple[float, float]:
    """Mutual information of image and code, and the total correlation of the code, in nats."""
    n, width = code.mean.shape
    own = Independent(Normal(code.mean, code.std), 1)
    together = MixtureSameFamily(Categorical(torch.ones(n)), own)
    apart = MixtureSameFamily(Categorical(torch.ones(width, n)), Normal(code.mean.T, code.std.T))
    torch.manual_seed(0)
    parts = []
    for z in own.sample(torch.Size([draws])):
        joint = together.log_prob(z)
        parts.append(torch.stack([own.log_prob(z) - joint, joint - apart.log_prob(z).sum(1)]).mean(1))
    information, dependence = torch.stack(parts).mean(0).tolist()
    return information, dependence


def covariance(code: GaussianCode) -> tuple[Tensor, float]:
    """The variances of the mean codes, and the sum of the squared covariances between units."""
    c = torch.cov(code.mean.T, correction=0)
    return c.diagonal(), (c - c.diagonal().diag()).square().sum().item()


def squared_mmd(z: Tensor) -> float:
    """From N(0, I), with a Gaussian kernel of width sqrt(D), all pairs counted."""
    prior = torch.randn(3000, z.shape[1], dtype=z.dtype, generator=torch.Generator().manual_seed(0))
    pairs = [torch.exp(-torch.cdist(a, b).square() / (2 * z.shape[1])).mean() for a, b in ((z, z), (prior, prior))]
    return float(sum(pairs) - 2 * torch.exp(-torch.cdist(z, prior).square() / (2 * z.shape[1])).mean())


def test_the_total_correlation_of_beta_tcvae_falls_and_its_information_stays(
    tmp_path: Path, plain: GaussianCode
) -> None:
    information, dependence = parts_of_the_divergence(trained(tmp_path, "model=beta_tcvae")[2])
    of_vae = parts_of_the_divergence(plain)
    assert dependence < 0.4 * of_vae[1]
    assert information > 0.7 * of_vae[0]


def test_the_total_correlation_of_factor_vae_falls(tmp_path: Path, plain: GaussianCode) -> None:
    critic = ["model.critic=[64,64]", "model.critic_rate=1e-3"]
    information, dependence = parts_of_the_divergence(trained(tmp_path, "model=factor_vae", *critic)[2])
    of_vae = parts_of_the_divergence(plain)
    assert dependence < 0.75 * of_vae[1]
    assert information > 0.7 * of_vae[0]


def test_the_units_of_dip_vae_vary_alone_and_all_of_them(tmp_path: Path, plain: GaussianCode) -> None:
    dip = ["model=dip_vae", "trainer.max_epochs=30"]
    variances, between = covariance(trained(tmp_path / "with", *dip)[2])
    without = covariance(trained(tmp_path / "without", *dip, "model.off_diagonal=0")[2])
    assert between < 0.05 * without[1]
    assert variances.min() > 0.8 > covariance(plain)[0].min()


def test_the_codes_of_info_vae_follow_the_prior_and_tell_more(tmp_path: Path, plain: GaussianCode) -> None:
    free = ["model=info_vae", "model.alpha=1", "trainer.max_epochs=30"]
    held = trained(tmp_path / "held", *free)[2]
    loose = trained(tmp_path / "loose", *free, "model.lambda_=0")[2]
    assert squared_mmd(held.z) < 0.1 * squared_mmd(loose.z)
    assert parts_of_the_divergence(held)[0] > parts_of_the_divergence(plain)[0] + 1


def test_a_classifier_finds_the_class_that_was_asked_for(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    model, batch, _ = trained(tmp_path, "model=cvae")
    classifier = LogisticRegression(max_iter=300).fit(batch.x.flatten(1).numpy(), batch.y.numpy())
    y = torch.arange(10).repeat(50)
    torch.manual_seed(0)
    asked, in_turn = (model.sample(500, classes).flatten(1).numpy() for classes in (y, None))
    assert classifier.score(asked, y.numpy()) > 0.9
    assert classifier.score(in_turn, y.numpy()) > 0.9
    assert classifier.score(asked, y.roll(1).numpy()) < 0.1
