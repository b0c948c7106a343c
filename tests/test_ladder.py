"""Codes in two layers, against torch.distributions and a linear model whose likelihood is known."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Independent, MultivariateNormal, Normal

from src.bottlenecks import Gaussian, Ladder, LadderCode
from src.contracts import GaussianCode
from src.errors import UserError
from src.losses import GaussianLoss
from src.models import LadderVariationalAutoencoder
from src.noise import IndexedNoise
from src.priors import TwoLayers
from tests.conftest import NO_PICTURES, run
from tests.small_models import batch, mlp, parts

B, BOTTOM, TOP = 6, 3, 2


def normal(code: GaussianCode) -> Independent:
    return Independent(Normal(code.mean, code.std), 1)


def code() -> LadderCode:
    torch.manual_seed(0)
    prior = TwoLayers(BOTTOM, TOP).double()
    nn.init.normal_(prior.down[0].weight)
    bottleneck = Ladder(BOTTOM + TOP, TOP, prior.below).double()
    return bottleneck(torch.randn(B, bottleneck.features).double())


def noise() -> IndexedNoise:
    return IndexedNoise(0, torch.arange(B))


def test_the_lower_posterior_is_what_the_image_says_times_what_the_upper_layer_says() -> None:
    """So the log densities differ by a constant in z_1, and one normal density is the only one that does that."""
    given, z_2 = code(), torch.randn(7, B, TOP).double()
    z_1 = torch.randn(7, 1, B, BOTTOM).double().repeat(1, 5, 1, 1) + torch.randn(1, 5, 1, 1).double()
    z_2 = z_2[:, None].repeat(1, 5, 1, 1)
    product = normal(given.message).log_prob(z_1) + normal(given.below(z_2)).log_prob(z_1)
    rest = product - normal(given.bottom(z_2)).log_prob(z_1)
    torch.testing.assert_close(rest, rest[:, :1].expand_as(rest))
    assert (given.bottom(z_2).std < torch.minimum(given.message.std, given.below(z_2).std)).all()


def test_samples_come_with_their_log_density() -> None:
    given = code()
    z, log_q = given.rsample(4, noise())
    z_1, z_2 = z[..., :BOTTOM], z[..., BOTTOM:]
    assert z.shape == (4, B, BOTTOM + TOP)
    torch.testing.assert_close(log_q, normal(given.top).log_prob(z_2) + normal(given.bottom(z_2)).log_prob(z_1))
    drawn = given.drawn(noise())  # the same noise as the first of the samples
    torch.testing.assert_close(drawn.z, z[0])
    torch.testing.assert_close(drawn.log_q, log_q[0])
    assert not torch.equal(drawn.z, given.z)


def test_samples_have_the_moments_of_their_layers() -> None:
    torch.manual_seed(0)
    given, k = code(), 1500
    z, _ = given.rsample(k, noise())
    z_1, z_2 = z[..., :BOTTOM], z[..., BOTTOM:]
    bottom = given.bottom(z_2)
    eps = torch.cat([(z_1 - bottom.mean) / bottom.std, (z_2 - given.top.mean) / given.top.std], -1)
    assert eps.mean(0).abs().max() < 5 / math.sqrt(k)
    covariance = torch.einsum("kbi,kbj->bij", eps, eps) / k - torch.eye(BOTTOM + TOP)
    assert covariance.abs().max() < 5 * math.sqrt(2 / k)


def test_a_code_stands_at_the_mean_of_the_upper_layer_and_of_the_lower_one_given_that() -> None:
    given = code()
    torch.testing.assert_close(given.z, torch.cat([given.bottom(given.top.mean).mean, given.top.mean], 1))


def test_the_density_of_the_prior_is_that_of_its_layers() -> None:
    torch.manual_seed(0)
    prior, z = TwoLayers(BOTTOM, TOP).double(), torch.randn(4, B, BOTTOM + TOP).double()
    below = normal(prior.below(z[..., BOTTOM:])).log_prob(z[..., :BOTTOM])
    above = MultivariateNormal(torch.zeros(TOP).double(), torch.eye(TOP).double()).log_prob(z[..., BOTTOM:])
    torch.testing.assert_close(prior.log_prob(z), below + above)


# A linear model: z_2 ~ N(0, 1), z_1 = A z_2 + a + S eps, x = C z_1 + c + STD eps, the columns of C orthogonal ---------

STD = 0.4
A, SHIFT, S = torch.tensor([[1.5], [-0.7]]), torch.tensor([0.3, 0.2]), torch.tensor([0.6, 1.2])
C = torch.tensor([[1.0, 2.0], [2.0, -1.0], [0.5, 0.0], [1.0, -0.5 * 1.0]])
C = torch.stack([C[:, 0], C[:, 1] - (C[:, 0] @ C[:, 1]) / (C[:, 0] @ C[:, 0]) * C[:, 0]], 1)
OFFSET = torch.tensor([0.1, -0.2, 0.3, 0.0])


@pytest.fixture(autouse=True)
def in_double(request: pytest.FixtureRequest) -> None:
    torch.manual_seed(0)


def linear_model() -> LadderVariationalAutoencoder:
    """Its decoder and prior are those of the linear model; its encoder plays no part."""
    groups: Any = parts(shape=[1, 2, 2], loss=GaussianLoss(std=STD))
    model = LadderVariationalAutoencoder(3, 1, **groups).double()
    down, up = nn.Linear(1, 4), model.network.decoder.layers[0][0]
    model.prior.down = nn.Sequential(down, Gaussian(2)).double()
    given = {
        down.weight: torch.cat([A, torch.zeros(2, 1)]), down.bias: torch.cat([SHIFT, 2 * S.log()]),
        up.weight: C, up.bias: OFFSET,
    }  # fmt: skip
    with torch.no_grad():
        for parameter, value in given.items():
            parameter.copy_(value)
    return model


def exact_posterior(x: Tensor, model: LadderVariationalAutoencoder) -> LadderCode:
    """What x says of z_1 through C alone, and q(z_2|x) by the rule of linear-Gaussian models."""
    scale = C.square().sum(0).double()
    told = (x.flatten(1) - OFFSET) @ C.double() / scale
    message = GaussianCode(told, told, (STD / scale.sqrt()).expand_as(told))
    seen, covariance = (C @ A).double(), (C * S**2) @ C.T + STD**2 * torch.eye(4)
    weights = torch.linalg.solve(covariance.double(), seen)
    variance = 1 / (1 + seen.T @ weights)
    mean = (x.flatten(1) - OFFSET - C.double() @ SHIFT.double()) @ weights * variance
    top = GaussianCode(mean, mean, variance.sqrt().expand_as(mean))
    return LadderCode(torch.cat([told, mean], 1), top, message, model.prior.below)


def log_likelihood(x: Tensor) -> Tensor:
    """x ~ N(C a + c, C (A A^T + S^2) C^T + STD^2 I), exactly."""
    inner = A @ A.T + torch.diag(S**2)
    covariance = (C @ inner @ C.T + STD**2 * torch.eye(4)).double()
    return MultivariateNormal((C @ SHIFT + OFFSET).double(), covariance).log_prob(x.flatten(1))


def test_at_the_exact_posterior_the_bound_is_the_likelihood_for_every_sample() -> None:
    model, x = linear_model(), torch.randn(B, 1, 2, 2).double()
    z, log_q = exact_posterior(x, model).rsample(3, noise())
    torch.testing.assert_close(model.log_joint(x, z) - log_q, log_likelihood(x).expand(3, -1), rtol=1e-5, atol=1e-5)


def test_at_another_posterior_the_bound_is_lower_and_importance_sampling_closes_the_gap() -> None:
    model, x, k = linear_model(), torch.randn(B, 1, 2, 2).double(), 2000
    exact = exact_posterior(x, model)
    wide = GaussianCode(exact.top.mean, exact.top.mean + 0.3, 1.5 * exact.top.std)
    z, log_q = LadderCode(exact.z, wide, exact.message, exact.below).rsample(k, noise())
    log_w = model.log_joint(x, z) - log_q
    estimate = log_w.logsumexp(0) - math.log(k)
    assert (log_w.mean(0) < log_likelihood(x) - 0.1).all()
    torch.testing.assert_close(estimate, log_likelihood(x), rtol=0, atol=0.06)


def test_samples_of_the_prior_have_the_moments_of_the_linear_model() -> None:
    model, n = linear_model(), 100_000
    z = model.prior.sample(n)
    mean = torch.cat([SHIFT, torch.zeros(1)]).double()
    covariance = torch.cat([torch.cat([A @ A.T + torch.diag(S**2), A], 1), torch.cat([A.T, torch.eye(1)], 1)])
    torch.testing.assert_close(z.mean(0), mean, rtol=0, atol=0.03)
    torch.testing.assert_close(z.T.cov(), covariance.double(), rtol=0, atol=0.06)


# The model -----------------------------------------------------------------------------------------------------------


def test_the_decoder_reads_the_lower_layer_alone() -> None:
    model = LadderVariationalAutoencoder(5, 2, **parts(mlp(8)))
    z = torch.randn(4, 5)
    assert model.network.decoder.layers[0][0].in_features == 3
    assert torch.equal(model.decode(z), model.decode(torch.cat([z[:, :3], torch.randn(4, 2)], 1)))
    assert not torch.equal(model.decode(z), model.decode(z + 1))
    assert model.code_size == model.latent_dim == model.encode(torch.rand(4, 2, 3, 4)).z.shape[1] == 5


def test_a_quarter_of_the_code_is_the_upper_layer_unless_it_is_said() -> None:
    assert [LadderVariationalAutoencoder(n, **parts()).bottleneck.reads for n in (2, 3, 8, 16)] == [1, 2, 6, 12]


@pytest.mark.parametrize(("latent_dim", "top"), [(4, 4), (2, 3), (1, None)])
def test_an_upper_layer_that_leaves_nothing_below_is_refused(latent_dim: int, top: int | None) -> None:
    with pytest.raises(UserError, match=r"Use model\.latent_dim="):
        LadderVariationalAutoencoder(latent_dim, top, **parts())


def test_the_nats_of_the_upper_layer_are_logged_and_are_no_part_of_the_loss() -> None:
    model = LadderVariationalAutoencoder(4, 2, **parts(mlp(8))).double().eval()
    losses, top = model.losses(batch()), model(batch()).code.top
    expected = torch.distributions.kl_divergence(normal(top).base_dist, Normal(0.0, 1.0)).sum(1).mean()
    torch.testing.assert_close(losses.logged["kl_top"], expected.double())
    torch.testing.assert_close(losses.total, losses.means["reconstruction"] + losses.means["kl"])


def test_both_layers_are_used_once_it_is_trained(tmp_path: Path) -> None:
    short = ["model=ladder_vae", "data=digits", "network.hidden=[128]", "optimizer.lr=0.003", "trainer.max_epochs=30"]
    summary = run(tmp_path, *short, "callbacks.early_stopping=null", *NO_PICTURES)
    assert summary["test/kl"] > 1
    assert summary["test/kl_top"] > 0.2  # with nothing to say it would cost nothing and be 0
