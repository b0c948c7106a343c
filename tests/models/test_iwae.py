"""The importance-weighted bound against its definition and a model in closed form."""

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal

from src.bottlenecks import Gaussian
from src.conditioning import Conditioning
from src.contracts import Reconstruction
from src.corruptions import Chain, GaussianNoise
from src.errors import UserError
from src.losses import GaussianLoss, SquaredError
from src.models import ImportanceWeightedAutoencoder, Parts, ReconstructionModule
from src.noise import IndexedNoise
from src.priors import StandardNormal
from src.regularizers import ImportanceWeightedBound
from tests.linear_gaussian import linear_gaussian
from tests.small_models import SHAPE, batch, mlp, parts

STD = 0.3


def small(**others: Any) -> Parts:
    return parts(mlp(7), loss=GaussianLoss(std=STD), **others)


class Conditional(ReconstructionModule):
    def __init__(self, **others: Any) -> None:
        terms = {"bound": ImportanceWeightedBound(samples=3)}
        told = Conditioning(4, tuple(SHAPE))
        super().__init__(Gaussian(2), small(**others), terms, StandardNormal(2), 0.0, conditioning=told)


def log_weights(model: ReconstructionModule, out: Reconstruction, k: int) -> Tensor:
    """log w_i (k, B) one by one: the samples that the pass and then the bound draw, by torch's distributions."""
    noise = IndexedNoise(model.seed, torch.arange(len(out.x)))
    if model.corruption:
        model.corruption(out.x, noise)
    code: Any = out.code
    rows = []
    for _ in range(k):
        z = code.mean + code.std * noise.normal(code.mean)
        x = Independent(Normal(model.decode(z, out.y), STD), len(SHAPE))
        prior, q = Independent(Normal(torch.zeros_like(z), 1.0), 1), Independent(Normal(code.mean, code.std), 1)
        rows.append(x.log_prob(out.x) + prior.log_prob(z) - q.log_prob(z))
    return torch.stack(rows)


@pytest.mark.parametrize("samples", [1, 2, 5])
def test_the_bound_is_the_log_of_the_mean_weight(samples: int) -> None:
    model = ImportanceWeightedAutoencoder(2, samples, **small()).double().eval()
    out = model(batch())
    expected = -(log_weights(model, out, samples).exp().mean(0).log())
    torch.testing.assert_close(model.measured(out).terms["bound"], expected)
    torch.testing.assert_close(model.measured(model(batch())).total, expected.mean())


def test_the_encoder_may_see_a_corrupted_image() -> None:
    corruption = Chain([GaussianNoise(0.5, [0.0, 1.0])])
    model = ImportanceWeightedAutoencoder(2, 3, **small(corruption=corruption)).double().eval()
    out = model(batch())
    assert not torch.equal(out.seen, out.x)
    expected = 3**-1 * log_weights(model, out, 3).exp().sum(0)
    torch.testing.assert_close(model.measured(out).terms["bound"], -expected.log())


def test_every_sample_is_told_the_class() -> None:
    model = Conditional().double().eval()
    x, _, index = batch(4)
    out = model(batch(4)._replace(y=torch.tensor([2, 0, 1, 3])))
    expected = log_weights(model, out, 3).exp().mean(0).log()
    torch.testing.assert_close(model.measured(out).terms["bound"], -expected)
    other = model.measured(model(batch(4)._replace(y=torch.tensor([1, 0, 1, 3])))).terms["bound"]
    assert (other + expected).abs().gt(1e-6).tolist() == [True, False, False, False]
    assert len(x) == len(index)


def test_the_pass_s_own_sample_is_not_decoded_again_and_the_others_are_decoded_together() -> None:
    model, decoded = ImportanceWeightedAutoencoder(2, 5, **small()).double(), []
    decode = model.decode

    def watched(z: Tensor, y: Tensor | None = None) -> Tensor:
        decoded.append(len(z))
        return decode(z, y)

    model.decode = watched  # type: ignore[method-assign]
    model.losses(batch(6))
    assert decoded == [4 * 6]
    model.objective.terms["bound"].samples = 1  # type: ignore[assignment]
    model.losses(batch(6))
    assert decoded == [4 * 6]


def test_the_gradient_is_that_of_each_log_weight_by_its_share() -> None:
    """grad -log 1/k sum_i w_i = -sum_i (w_i / sum_j w_j) grad log w_i, for every parameter."""
    model = ImportanceWeightedAutoencoder(2, 4, **small()).double().eval()
    parameters = list(model.network.parameters())
    found = torch.autograd.grad(model.losses(batch()).total, parameters)
    log_w = log_weights(model, model(batch()), 4)
    expected = torch.autograd.grad(-(log_w.softmax(0).detach() * log_w).sum(0).mean(), parameters)
    for one, other in zip(found, expected, strict=True):
        assert one.abs().max() > 0
        torch.testing.assert_close(one, other)


def bounds(samples: int, repeated: int = 4000) -> tuple[Tensor, Tensor]:
    """The bound of each image over many draws (draws, images), and its -log p(x)."""
    toy = linear_gaussian(ImportanceWeightedAutoencoder, repeated=repeated, samples=samples)
    with torch.no_grad():
        found = toy.model.losses(toy.batch).terms["bound"].view(repeated, -1)
    return found, -toy.marginal.log_prob(toy.batch.x[: found.shape[1]].flatten(1))


def test_each_further_sample_tightens_the_bound_towards_the_marginal() -> None:
    gaps, errors = [], []
    for samples in (1, 2, 5, 20):
        found, exact = bounds(samples)
        gaps.append((found.mean(0) - exact).mean().item())
        errors.append(found.mean(1).std().item() / math.sqrt(len(found)))
    assert gaps[-1] > -4 * errors[-1]
    assert all(tighter < loose - 4 * error for (loose, tighter), error in zip(pairwise(gaps), errors, strict=False))
    assert gaps[-1] < 0.1 * gaps[0]


def test_one_sample_is_the_bound_of_the_vae() -> None:
    toy = linear_gaussian(ImportanceWeightedAutoencoder, repeated=4000, samples=1)
    with torch.no_grad():
        terms = toy.model.losses(toy.batch).terms
    differences = terms["bound"] - terms["reconstruction"] - terms["kl"]  # equal on average, not draw by draw
    assert differences.abs().max() > 0.1
    assert differences.mean().abs() < 4 * differences.std() / math.sqrt(len(differences))


def test_with_the_exact_posterior_every_draw_gives_the_marginal() -> None:
    for samples in (1, 5):
        toy = linear_gaussian(ImportanceWeightedAutoencoder, spread=1.0, samples=samples)
        terms = toy.model.losses(toy.batch).terms
        torch.testing.assert_close(terms["bound"], -toy.marginal.log_prob(toy.batch.x.flatten(1)))


def test_reconstruction_and_divergence_are_logged_but_weigh_nothing() -> None:
    losses = ImportanceWeightedAutoencoder(2, **small()).losses(batch(dtype=torch.float32))
    assert losses.weights == {"reconstruction": 0.0, "bound": 1.0, "kl": 0.0}
    torch.testing.assert_close(losses.total, losses.terms["bound"].mean())
    assert set(losses.scalars("val")) == {"val/loss", "val/reconstruction", "val/bound", "val/kl"}


def test_a_loss_without_a_likelihood_is_refused() -> None:
    with pytest.raises(UserError, match="model=iwae bounds log p.x., so it needs a loss that is a likelihood"):
        ImportanceWeightedAutoencoder(2, **parts(mlp(7), loss=SquaredError()))
