"""Flows and the posteriors they bend, against autograd's Jacobian and densities in closed form."""

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal, TransformedDistribution
from torch.distributions.transforms import AffineTransform

from src.bottlenecks import Bottleneck, Flowing, Gaussian
from src.contracts import StochasticCode
from src.flows import Flow, InverseAutoregressive, Planar
from src.flows.masked import MaskedNetwork
from src.noise import FreshNoise, IndexedNoise

B, D = 5, 4
FLOWS = {"iaf": InverseAutoregressive, "planar": Planar}
both = pytest.mark.parametrize("name", FLOWS)


def random(*shape: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def flow(name: str, width: int = D, steps: int = 3) -> Flow:
    torch.manual_seed(0)
    made = FLOWS[name](width, steps).double()
    for p in made.parameters():
        torch.nn.init.normal_(p, std=0.2)  # far from the start, where it hardly does a thing
    return made


def bottleneck(name: str) -> Flowing:
    return Flowing(D, flow(name))


@both
@pytest.mark.parametrize("width", [1, 2, 4, 7])
def test_the_log_determinant_is_that_of_the_jacobian(name: str, width: int) -> None:
    bent = flow(name, width)
    z, context = random(B, width, scale=2.0), random(B, bent.context)
    jacobian = torch.func.vmap(torch.func.jacrev(lambda z, c: bent(z[None], c[None])[0][0]))(z, context)
    _, log_det = bent(z, context)
    torch.testing.assert_close(log_det, torch.linalg.slogdet(jacobian).logabsdet)
    assert log_det.abs().max() > 0.1


@both
def test_samples_in_front_of_the_batch_flow_as_each_alone_would(name: str) -> None:
    bent = flow(name)
    z, context = random(6, B, D), random(B, bent.context)
    moved, log_det = bent(z, context)
    for i in range(6):
        alone, alone_det = bent(z[i], context)
        torch.testing.assert_close(moved[i], alone)
        torch.testing.assert_close(log_det[i], alone_det)


def test_a_masked_network_reads_what_comes_before_and_the_context() -> None:
    torch.manual_seed(0)
    network = MaskedNetwork(D, context=3, hidden=16, outputs=2).double()
    by_z, by_context = torch.func.jacrev(lambda z, c: torch.stack(network(z, c)), argnums=(0, 1))(random(D), random(3))
    assert by_z.shape == (2, D, D)
    assert torch.equal(by_z.ne(0).all(0), torch.ones(D, D).tril(-1).bool())  # all of it, and nothing else
    assert by_z.triu().abs().max() == 0
    assert bool(by_context.ne(0).all())


def test_the_order_is_reversed_between_autoregressive_steps() -> None:
    bent = flow("iaf", steps=2)
    assert isinstance(bent, InverseAutoregressive)
    context = random(1, bent.context)
    two = torch.func.jacrev(lambda z: bent(z[None], context)[0][0])(random(D))
    bent.steps = bent.steps[:1]
    one = torch.func.jacrev(lambda z: bent(z[None], context)[0][0])(random(D))
    assert torch.equal(one.flip(0).ne(0), torch.ones(D, D).tril().bool())
    assert bool(two.ne(0).all())  # in two opposite orders each number hears of every other


@pytest.mark.parametrize("along", [-1e3, -5.0, 0.0, 5.0, 1e3])
def test_a_planar_step_is_invertible_whatever_the_encoder_says(along: float) -> None:
    """Its only slope that is not 1, that along w, stays above 0."""
    w = torch.tensor([3.0, 4.0]).double()
    z = torch.linspace(-3, 3, 601)[:, None].double() * w / 5
    context = torch.cat([along * w / 25, w, torch.zeros(1)])  # u, w, b with w . u = along
    moved, log_det = Planar(2, 1)(z, context.expand(601, 5))
    assert bool((((moved @ w) / 5).diff() > 0).all())
    assert bool(log_det.isfinite().all())


@pytest.mark.parametrize("still", ["u", "w", "both"])
def test_a_planar_step_without_u_or_w_is_at_most_a_shift(still: str) -> None:
    u, w = (torch.zeros(D) if still in (which, "both") else torch.ones(D) for which in "uw")
    z = random(B, D)
    moved, log_det = Planar(D, 1)(z, torch.cat([u, w, torch.full((1,), 0.5)]).double().expand(B, -1))
    torch.testing.assert_close(log_det, torch.zeros(B).double())
    torch.testing.assert_close(moved - z, math.tanh(0.5) * u.double().expand(B, D))


@both
@pytest.mark.parametrize("size", [1e-30, 1e3])
def test_extreme_features_leave_values_and_gradients_finite(name: str, size: float) -> None:
    part = Flowing(D, FLOWS[name](D, 3))
    given = (size * random(B, part.features)).float().requires_grad_()
    code = part(given).drawn(IndexedNoise(0, torch.arange(B)))
    (code.log_q.sum() + code.z.sum()).backward()
    assert bool(code.z.isfinite().all() & code.log_q.isfinite().all())
    assert given.grad is not None
    assert bool(given.grad.isfinite().all())


@both
def test_the_density_of_a_drawn_code_follows_from_the_jacobian(name: str) -> None:
    part, given = bottleneck(name), random(B, bottleneck(name).features)
    code = part(given).drawn(IndexedNoise(0, torch.arange(B)))
    jacobian = torch.func.vmap(torch.func.jacrev(lambda z, f: part(f[None]).flow(z[None])[0][0]))(code.start.z, given)
    start = Independent(Normal(code.start.mean, code.start.std), 1).log_prob(code.start.z)
    torch.testing.assert_close(code.log_q, start - torch.linalg.slogdet(jacobian).logabsdet)


def test_a_flow_whose_gates_do_not_depend_on_the_code_gives_a_normal_posterior() -> None:
    """With MADEs that are constants z is affine in z_0: torch's own transformed normal is the reference."""
    part = bottleneck("iaf")
    assert isinstance(part.flow, InverseAutoregressive)
    step = part.flow.steps[0]
    part.flow.steps = torch.nn.ModuleList([step])
    torch.nn.init.zeros_(step.tells.weight)
    m, s = step.tells.bias[:D], (step.tells.bias[D:] + 2).sigmoid()
    code = part(random(B, part.features)).drawn(IndexedNoise(0, torch.arange(B)))
    map_ = AffineTransform((1 - s) * m, s, event_dim=1)
    reference = TransformedDistribution(Independent(Normal(code.start.mean, code.start.std), 1), [map_])
    torch.testing.assert_close(code.log_q, reference.log_prob(code.z.flip(-1)))


@both
def test_samples_come_with_the_density_that_their_codes_have(name: str) -> None:
    part = bottleneck(name)
    code = part(random(B, part.features))
    z, log_q = code.rsample(3, IndexedNoise(0, torch.arange(B)))
    drawn = code.drawn(IndexedNoise(0, torch.arange(B)))  # the same noise as the first of the samples
    assert z.shape == (3, B, D)
    assert log_q.shape == (3, B)
    torch.testing.assert_close(z[0], drawn.z)
    torch.testing.assert_close(log_q[0], drawn.log_q)
    assert not torch.equal(z[0], z[1])


@both
def test_a_code_stands_where_the_mean_flows_to(name: str) -> None:
    part = bottleneck(name)
    given = random(B, part.features)
    code = part(given)
    torch.testing.assert_close(code.z, part.flow(given[:, :D], given[:, 2 * D :])[0])
    torch.testing.assert_close(code.log_q, code.start.log_q - code.log_det)


@both
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_flow_in_half_precision_is_computed_in_single(name: str, dtype: torch.dtype) -> None:
    part = Flowing(D, FLOWS[name](D, 2))
    given = random(B, part.features).to(dtype)
    single = part(given.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = part(given)
    assert mixed.z.dtype == part.to(dtype)(given).z.dtype == torch.float32
    torch.testing.assert_close(mixed.z, single.z)
    torch.testing.assert_close(mixed.log_det, single.log_det)


def crescent(z: Tensor) -> Tensor:
    """A normalised density in the plane, bent: z_1 ~ N(0, 1), z_2 ~ N(z_1^2, 0.3^2)."""
    return Normal(0.0, 1.0).log_prob(z[..., 0]) + Normal(z[..., 0] ** 2, 0.3).log_prob(z[..., 1])


BEST_NORMAL = 0.771
"""The least KL(N(m, diag s^2) || crescent): -log s_1 - 1/2 + s_1^2 / 2 + s_1^4 / 0.3^2 at m_1 = 0, m_2 = s_1^2,
s_2 = 0.3, where 4 s_1^4 / 0.3^2 + s_1^2 = 1."""


def divergence(part: Bottleneck, given: Tensor, n: int) -> Tensor:
    """KL(q || crescent) in nats from n samples, q told by these features."""
    code = part(given.expand(n, -1)).drawn(FreshNoise())
    assert isinstance(code, StochasticCode)
    return (code.log_q - crescent(code.z)).mean()


def test_no_normal_posterior_is_nearer_to_the_crescent() -> None:
    s = math.sqrt((math.sqrt(1 + 16 / 0.3**2) - 1) / (8 / 0.3**2))
    best = torch.tensor([0.0, s**2, 2 * math.log(s), 2 * math.log(0.3)])
    torch.manual_seed(0)
    assert float(divergence(Gaussian(2), best, 200_000)) == pytest.approx(BEST_NORMAL, abs=0.01)
    for i in range(4):
        for off in (-0.2, 0.2):
            assert divergence(Gaussian(2), best + off * torch.eye(4)[i], 200_000) > BEST_NORMAL


@pytest.mark.parametrize(("name", "steps", "below"), [("iaf", 4, 0.25), ("planar", 8, 0.7)])
def test_a_flow_fits_a_bent_posterior_that_a_normal_one_cannot(name: str, steps: int, below: float) -> None:
    torch.manual_seed(0)
    part = Flowing(2, FLOWS[name](2, steps))
    given = torch.nn.Parameter(random(part.features, scale=0.1).float())
    optimizer = torch.optim.Adam([given, *part.parameters()], lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 300)
    for _ in range(300):
        optimizer.zero_grad()
        divergence(part, given, 128).backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        assert 0 <= divergence(part, given, 50_000) < below < BEST_NORMAL
