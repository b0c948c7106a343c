"""Categorical codes: relaxed samples, their divergence from the prior, and what a falling temperature does to them."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical as Exact
from torch.distributions import OneHotCategorical, RelaxedOneHotCategorical, kl_divergence

from src.bottlenecks import Categorical
from src.contracts import CategoricalCode
from src.errors import UserError
from src.models import CategoricalAutoencoder
from src.noise import FreshNoise, IndexedNoise
from src.priors import UniformCategorical
from src.regularizers.contractive import exact_sq_norm
from src.schedules import Linear
from tests.conftest import NO_PICTURES, run
from tests.small_models import batch, images, parts

B, V, C = 6, 3, 5


def features(n: int = B, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(n, V * C, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def code_of(temperature: float = 0.5, hard: bool = False, n: int = B) -> CategoricalCode:
    return Categorical(V, C, temperature, hard)(features(n))


def exact() -> Exact:
    return Exact(logits=features().view(B, V, C))


def samples(temperature: float, n: int, hard: bool = False) -> Tensor:
    """n samples of the code of one image, (n, V, C)."""
    code = Categorical(V, C, temperature, hard)(features(1).expand(n, -1))
    return code.drawn(IndexedNoise(0, torch.arange(n))).z.view(n, V, C)


def test_a_code_stands_at_the_probabilities() -> None:
    code = code_of()
    torch.testing.assert_close(code.z, exact().probs.flatten(1))
    assert Categorical(V, C, 0.5).code_size(None) == V


def test_the_divergence_from_the_uniform_prior_is_that_of_torch() -> None:
    uniform = Exact(logits=torch.zeros(B, V, C, dtype=torch.float64))
    torch.testing.assert_close(code_of().kl, kl_divergence(exact(), uniform))
    assert Categorical(V, C, 0.5)(torch.zeros(1, V * C)).kl.abs().max() < 1e-6
    certain = torch.zeros(1, V * C).index_fill(1, torch.tensor([0, 7, 14]), 1e4)
    torch.testing.assert_close(Categorical(V, C, 0.5)(certain).kl, torch.full((1, V), math.log(C)))


def test_the_term_is_the_divergence_of_all_variables() -> None:
    model = CategoricalAutoencoder(V, C, **parts()).double()
    out = model(batch())
    logits = model.network.encoder(batch().x).view(-1, V, C)
    wanted = kl_divergence(Exact(logits=logits), Exact(logits=torch.zeros_like(logits))).sum(1)
    torch.testing.assert_close(model.objective.measured(out, model)["kl"], wanted)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 3.0])
def test_relaxed_samples_follow_the_concrete_distribution(temperature: float) -> None:
    """By a two-sample statistic against torch's own: means and second moments of the shares and their logarithms."""
    n = 20_000
    torch.manual_seed(0)
    theirs = RelaxedOneHotCategorical(torch.tensor(temperature), logits=features(1).view(V, C)).sample((n,))
    ours = samples(temperature, n)
    torch.testing.assert_close(ours.sum(-1), torch.ones(n, V, dtype=torch.float64))
    for moment in (lambda z: z, lambda z: z**2, lambda z: z.clamp(min=1e-12).log()):
        a, b = moment(ours), moment(theirs)
        error = ((a.var(0) + b.var(0)) / n).sqrt()
        assert ((a.mean(0) - b.mean(0)).abs() < 4.5 * error).all()


def test_samples_become_one_hot_as_the_temperature_falls() -> None:
    largest = [samples(t, 2000).max(-1).values.mean().item() for t in (10.0, 1.0, 0.3, 0.1, 0.01)]
    assert largest == sorted(largest)
    assert largest[0] < 0.4
    assert largest[-1] > 0.99
    chosen = samples(0.01, 20_000).round().mean(0)
    wanted = features(1).view(V, C).softmax(-1)
    torch.testing.assert_close(chosen, wanted, rtol=0, atol=4.5 * 0.5 / math.sqrt(20_000))


def test_hard_samples_are_one_hot_with_the_gradient_of_relaxed_ones() -> None:
    given, weights = features().requires_grad_(), features().flip(0)
    soft, hard = (Categorical(V, C, 0.7, h)(given).drawn(IndexedNoise(0, torch.arange(B))).z for h in (False, True))
    whole = hard.view(B, V, C)
    assert torch.equal(whole.detach().round(), OneHotCategorical(logits=soft.view(B, V, C).log() * 1e3).mean.round())
    torch.testing.assert_close(whole.detach(), whole.detach().round())
    gradients = [torch.autograd.grad((z * weights).sum(), given, retain_graph=True)[0] for z in (soft, hard)]
    torch.testing.assert_close(*gradients)
    assert gradients[0].abs().max() > 0


def test_an_extreme_draw_of_noise_stays_finite() -> None:
    class Ends(FreshNoise):
        def uniform(self, like: Tensor) -> Tensor:
            ends = torch.tensor([0.0, 1 - 2**-24], dtype=like.dtype)
            return ends[torch.arange(like.numel()) % 2].view(like.shape)

    given = features().float().requires_grad_()
    z = Categorical(V, C, 0.1)(given).drawn(Ends()).z
    z.square().sum().backward()
    assert z.isfinite().all()
    assert given.grad is not None
    assert given.grad.isfinite().all()


def test_a_scheduled_temperature_falls_in_training_and_stands_at_its_end_outside() -> None:
    bottleneck = Categorical(V, C, Linear(2.0, 0.5))
    assert bottleneck.scheduled
    assert bottleneck.now == 0.5
    for progress, wanted in ((0.0, 2.0), (0.5, 1.25), (1.0, 0.5)):
        bottleneck.progress = progress
        assert bottleneck.now == wanted
        assert bottleneck(features()).temperature == wanted
    assert not Categorical(V, C, 0.5).scheduled
    assert not list(bottleneck.state_dict())


def test_a_temperature_that_falls_to_zero_is_refused() -> None:
    with pytest.raises(UserError, match=r"runs from 1 to 0, .* model\.temperature=0\.5"):
        CategoricalAutoencoder(V, C, temperature=Linear(1.0, 0.0), **parts())


def test_the_prior_draws_every_category_as_often_and_tells_its_probability() -> None:
    torch.manual_seed(0)
    prior, n = UniformCategorical(V, C), 20_000
    z = prior.sample(n).view(n, V, C)
    assert torch.equal(z.sum(-1), torch.ones(n, V))
    assert torch.equal(z.unique(), torch.tensor([0.0, 1.0]))
    assert (z.mean(0) - 1 / C).abs().max() < 4.5 * math.sqrt((1 - 1 / C) / C / n)
    assert abs((z[:, 0, 0] * z[:, 1, 0]).mean() - 1 / C**2) < 4.5 * math.sqrt(1 / C**2 / n)
    uniform = OneHotCategorical(logits=torch.zeros(V, C))
    torch.testing.assert_close(prior.log_prob(z.flatten(1)), uniform.log_prob(z).sum(1))
    assert prior.log_prob(z.view(100, 200, V * C)).shape == (100, 200)
    assert prior.double().sample(1).dtype == torch.float64


def test_the_contractive_penalty_measures_the_probabilities() -> None:
    model = CategoricalAutoencoder(V, C, **parts()).double()
    jacobians = [torch.autograd.functional.jacobian(lambda x: model.encode(x).z, image[None]) for image in images()]
    wanted = torch.stack([j.square().sum() for j in jacobians])
    torch.testing.assert_close(exact_sq_norm(model, images()), wanted)
    assert model.jacobian_sq_norm(images()) is None


def test_the_divergence_holds_codes_near_the_prior(tmp_path: Path) -> None:
    """Against the same run without it: fewer nats a code."""
    quick = ["data=digits", "trainer.max_epochs=25", "data.batch_size=32", "optimizer.lr=3e-3", "network.hidden=[64]"]
    held = run(tmp_path / "held", "model=categorical", *quick, *NO_PICTURES)
    free = run(tmp_path / "free", "model=categorical", *quick, *NO_PICTURES, "model.beta=0")
    assert 0.5 < held["test/kl"] < 0.6 * free["test/kl"]
    assert free["test/kl"] < 8 * math.log(16)
    assert held["model/code_size"] == held["baseline/pca_components"] == 8
