"""The sampled divergence against the closed form of torch.distributions."""

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from src.contracts import GaussianCode
from src.errors import UserError
from src.losses import SquaredError
from src.models import UndercompleteAutoencoder, VariationalAutoencoder
from src.noise import FreshNoise, IndexedNoise
from src.priors import StandardNormal
from src.regularizers import SampledKL
from tests.small_models import batch, parts

MEAN, STD = torch.tensor([0.5, -1.0, 0.1]).double(), torch.tensor([0.3, 1.5, 1.0]).double()
CROOKED = MultivariateNormal(torch.ones(3).double(), torch.tensor([[2.0, 0.5, 0], [0.5, 1, 0], [0, 0, 3]]).double())


def measured(log_prior: object, n: int) -> Tensor:
    code = GaussianCode(MEAN.expand(n, 3), MEAN.expand(n, 3), STD.expand(n, 3))
    model = VariationalAutoencoder(3, **parts(loss=SquaredError())).double().eval()
    out = model(batch(5))
    object.__setattr__(out, "code", code.drawn(FreshNoise()))
    return SampledKL(1.0, log_prior)(out, model)  # type: ignore[arg-type]


@pytest.mark.parametrize("standard", [True, False])
def test_its_mean_is_the_divergence_in_closed_form(standard: bool) -> None:
    torch.manual_seed(0)
    n = 100_000
    ratios = measured(StandardNormal(3).log_prob if standard else CROOKED.log_prob, n)
    prior = MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double()) if standard else CROOKED
    expected = kl_divergence(MultivariateNormal(MEAN, torch.diag(STD**2)), prior)
    assert ratios.shape == (n,)
    assert (ratios.mean() - expected).abs() < 4 * ratios.std() / math.sqrt(n)
    assert float(ratios.min()) < 0  # one draw alone is no divergence


def test_each_value_is_the_log_ratio_at_the_drawn_code() -> None:
    model = VariationalAutoencoder(3, **parts()).double().eval()
    out = model(batch())
    code = out.code
    eps = IndexedNoise(0, batch().index).normal(code.mean)
    z = code.mean + code.std * eps
    expected = Independent(Normal(code.mean, code.std), 1).log_prob(z) - CROOKED.log_prob(z)
    torch.testing.assert_close(SampledKL(1.0, CROOKED.log_prob)(out, model), expected)


def test_a_code_without_a_density_is_refused() -> None:
    with pytest.raises(UserError, match="needs a code of type StochasticCode"):
        UndercompleteAutoencoder(3, **parts(regularizers={"kl": SampledKL(1.0, StandardNormal(3).log_prob)}))
