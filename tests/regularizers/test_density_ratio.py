"""The critic of FactorVAE: what it compares, and that it finds the total correlation of a distribution that has one."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, Normal

from src.contracts import Code, GaussianCode
from src.errors import UserError
from src.networks.critics import MlpCritic
from src.noise import IndexedNoise
from src.regularizers import DensityRatio
from src.regularizers.density_ratio import permuted
from tests.regularizers.passes import NO_MODEL
from tests.regularizers.posteriors import pass_to


class Best(nn.Module):
    """The logarithm of the true ratio of densities of a correlated normal distribution."""

    def __init__(self, correlation: float) -> None:
        super().__init__()
        self.nothing = nn.Parameter(torch.zeros(1))
        self.joint = MultivariateNormal(torch.zeros(2), torch.tensor([[1.0, correlation], [correlation, 1.0]]))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.joint.log_prob(z) - Normal(0.0, 1.0).log_prob(z).sum(1)


def correlated(n: int, correlation: float) -> GaussianCode:
    z = torch.randn(n, 2, generator=torch.Generator().manual_seed(0))
    z[:, 1] = correlation * z[:, 0] + math.sqrt(1 - correlation**2) * z[:, 1]
    return GaussianCode(z, z, torch.ones_like(z))


def test_each_unit_is_permuted_by_itself() -> None:
    z = torch.randn(300, 4)
    mixed = permuted(z, IndexedNoise(0, torch.arange(300)))
    assert torch.equal(mixed.sort(0).values, z.sort(0).values)
    came_from = (mixed[:, None] == z).int().argmax(1)
    assert all(not torch.equal(came_from[:, i], came_from[:, j]) for i in range(4) for j in range(i))


def test_outside_training_the_permutation_repeats() -> None:
    z = torch.randn(50, 3)
    one, again = (permuted(z, IndexedNoise(3, torch.arange(50))) for _ in range(2))
    assert torch.equal(one, again)
    assert not torch.equal(one, permuted(z, IndexedNoise(4, torch.arange(50))))


def test_the_best_critic_tells_the_total_correlation() -> None:
    term = DensityRatio(1.0, Best(0.9))
    ratio = term(pass_to(correlated(20_000, 0.9)), NO_MODEL)
    assert ratio.shape == (20_000,)
    assert float(ratio.mean()) == pytest.approx(-0.5 * math.log(1 - 0.9**2), rel=0.05)


def test_no_critic_has_a_smaller_loss_than_the_best() -> None:
    out = pass_to(correlated(20_000, 0.9))
    losses = {c: float(DensityRatio(1.0, Best(c)).critic_loss(out, NO_MODEL).mean()) for c in (0.0, 0.8, 0.9, 0.95)}
    assert losses[0.0] == pytest.approx(2 * math.log(2))
    assert min(losses, key=lambda c: losses[c]) == 0.9


def test_a_trained_critic_comes_near_the_total_correlation() -> None:
    torch.manual_seed(0)
    term = DensityRatio(1.0, MlpCritic(2, [16]))
    optimizer = torch.optim.Adam(term.critic.parameters(), 0.03)
    out = pass_to(correlated(1_000, 0.9))
    for _ in range(80):
        optimizer.zero_grad()
        term.critic_loss(out, NO_MODEL).mean().backward()
        optimizer.step()
    assert term(out, NO_MODEL).mean().item() == pytest.approx(-0.5 * math.log(1 - 0.9**2), rel=0.2)


def test_its_gradient_draws_a_correlation_down() -> None:
    code = correlated(5_000, 0.9)
    lean = torch.tensor(1.0, requires_grad=True)  # z_1 = lean * z_0 + the rest
    z = torch.stack([code.z[:, 0], code.z[:, 1] + (lean - 1) * 0.9 * code.z[:, 0]], 1)
    DensityRatio(1.0, Best(0.9))(pass_to(GaussianCode(z, z, code.std)), NO_MODEL).mean().backward()
    assert lean.grad is not None
    assert float(lean.grad) > 0


def test_a_batch_of_one_image_is_finite() -> None:
    term, out = DensityRatio(1.0, MlpCritic(2, [4])), pass_to(correlated(1, 0.9))
    assert torch.isfinite(term(out, NO_MODEL)).all()
    assert torch.isfinite(term.critic_loss(out, NO_MODEL)).all()


def test_a_plain_code_is_refused() -> None:
    with pytest.raises(UserError, match="needs a code of type GaussianCode"):
        DensityRatio(1.0, MlpCritic(2, [4])).check("total_correlation", Code, (-1, 1))
