"""The prior that is a mixture of posteriors of learned images, against a direct mixture."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from src.contracts import Batch, GaussianCode
from src.losses import BernoulliLoss, GaussianLoss
from src.models import VampPriorAutoencoder, VariationalAutoencoder
from src.priors import StandardNormal, VampPrior, vamp
from tests.small_models import SHAPE, batch, mlp, parts

K, D = 5, 3


def model(components: int = K) -> VampPriorAutoencoder:
    torch.manual_seed(0)
    return VampPriorAutoencoder(D, components, **parts(mlp(16), loss=BernoulliLoss())).double()


def direct(prior: VampPrior) -> MixtureSameFamily:
    q = prior.posteriors()
    weights = Categorical(torch.ones(len(q.mean)).double())
    return MixtureSameFamily(weights, Independent(Normal(q.mean, q.std), 1))


def codes(*shape: int, scale: float = 2.0) -> Tensor:
    return scale * torch.randn(*shape, D, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("shape", [(), (4,), (2, 4)], ids=str)
def test_the_density_is_that_of_the_mixture_for_any_leading_shape(shape: tuple[int, ...]) -> None:
    prior = model().prior
    assert prior.log_prob(codes(*shape)).shape == shape
    torch.testing.assert_close(prior.log_prob(codes(*shape)), direct(prior).log_prob(codes(*shape)))


def test_many_codes_are_taken_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    prior = model().prior
    at_once = prior.log_prob(codes(3, 7))
    monkeypatch.setattr(vamp, "_AT_ONCE", 2 * K * D)  # two codes at a time, and one that is left
    torch.testing.assert_close(prior.log_prob(codes(3, 7)), at_once)


def test_the_density_is_finite_far_from_every_component() -> None:
    """In float32 each component alone is 0 there; the nearest one decides."""
    whole, z = model(), torch.full((1, D), 1e3, dtype=torch.float64)
    expected = direct(whole.prior).log_prob(z)
    far = whole.float().prior.log_prob(z.float())
    torch.testing.assert_close(far.double(), expected, rtol=1e-4, atol=0)
    assert bool(far < -1e4)


def test_samples_come_from_all_components_alike() -> None:
    torch.manual_seed(0)
    mean, std = torch.tensor([[-9.0, 0, 9], [9, 9, 9]]).double(), torch.tensor([[0.1, 1, 2], [0.5, 0.5, 0.5]]).double()
    prior, n = VampPrior(lambda u: GaussianCode(mean, mean, std), SHAPE, [0, 1], 2), 40_000
    z = prior.sample(n)
    second = z[:, 0] > 0
    assert abs(second.double().mean() - 0.5) < 4 * 0.5 / math.sqrt(n)
    for k, part in enumerate([z[~second], z[second]]):
        assert ((part.mean(0) - mean[k]).abs() < 5 * std[k] / math.sqrt(n / 2)).all()
        torch.testing.assert_close(part.std(0), std[k], rtol=0.03, atol=0)


@pytest.mark.parametrize("data_range", [[0.0, 1.0], [-1.0, 1.0]])
def test_pseudo_inputs_are_images_within_the_range_of_the_data(data_range: list[float]) -> None:
    prior = VampPrior(lambda u: GaussianCode(u, u, u), SHAPE, data_range, 50)
    nn.init.normal_(prior.logits, std=5)
    u = prior.pseudo_inputs
    assert u.shape == (50, *SHAPE)
    assert data_range[0] <= float(u.detach().min()) < data_range[0] + 0.1
    assert data_range[1] - 0.1 < float(u.detach().max()) <= data_range[1]


def test_the_encoder_is_kept_once_and_all_pseudo_inputs_pass_it_once_a_step() -> None:
    whole, seen = model(), []
    whole.network.encoder.register_forward_hook(lambda *_: seen.append("prior"))
    whole.losses(batch()).total.backward()
    assert seen == ["prior"]  # the pass itself goes through `trace`, which calls no hook
    assert [name for name in whole.state_dict() if not name.startswith(("network", "figures"))] == ["prior.logits"]
    assert whole.prior.logits.grad.abs().amin() > 0


def test_the_density_moves_the_encoder_too() -> None:
    whole = model()
    whole.prior.log_prob(codes(4)).sum().backward()
    assert all(p.grad is not None for p in whole.network.encoder.parameters())
    assert all(p.grad is None for p in whole.network.decoder.parameters())


def test_it_measures_and_samples_in_inference_mode() -> None:
    whole = model().eval()
    with torch.inference_mode():
        assert bool(whole.losses(batch()).total.isfinite())
        assert whole.sample(3).shape == (3, *SHAPE)


def test_it_learns_the_distribution_that_the_codes_have() -> None:
    """Codes in two heaps, the encoder fixed: the best log density is minus the entropy of those heaps."""
    torch.manual_seed(0)
    std = 0.5

    def encode(images: Tensor) -> GaussianCode:
        mean = 8 * (images.flatten(1) - 0.5)
        return GaussianCode(mean, mean, torch.full_like(mean, std))

    prior = VampPrior(encode, [1, 1, 2], [0.0, 1.0], components=10)
    optimizer = torch.optim.Adam(prior.parameters(), lr=0.1)
    heaps = torch.tensor([[0.25, 0.75], [0.75, 0.75]]).repeat(64, 1).view(-1, 1, 1, 2)
    for _ in range(400):
        z = encode(heaps).mean + std * torch.randn(128, 2)
        optimizer.zero_grad()
        (-prior.log_prob(z).mean()).backward()
        optimizer.step()
    z = encode(heaps).mean.repeat(50, 1) + std * torch.randn(6400, 2)
    best = -math.log(2) - (1 + math.log(2 * math.pi * std**2))
    assert float(prior.log_prob(z).mean()) == pytest.approx(best, abs=0.2)
    assert float(StandardNormal(2).log_prob(z).mean()) < best - 3


HEAPS = torch.tensor([-2.0, 2.0]).repeat(64)[:, None]
AXIS, SPREAD = torch.tensor([[0.5, 0.5, -0.5, 0.5]]), 0.3


def best_bound(variant: type[VariationalAutoencoder] | type[VampPriorAutoencoder], **dials: int) -> float:
    """Of linear maps on images in two heaps along a line, the negative bound after a short training."""
    torch.manual_seed(0)
    groups = parts(shape=[1, 2, 2], loss=GaussianLoss(std=SPREAD), data_range=[-3.0, 3.0])
    whole = variant(1, **dials, **groups)
    optimizer = torch.optim.Adam(whole.parameters(), lr=0.03)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 400)

    def loss(times: int) -> Tensor:
        x = (HEAPS @ AXIS).repeat(times, 1) + SPREAD * torch.randn(128 * times, 4)
        return whole.losses(Batch(x.view(-1, 1, 2, 2), torch.full((len(x),), -1), torch.arange(len(x)))).total

    for _ in range(400):
        optimizer.zero_grad()
        loss(1).backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        return loss(100).item()


def test_its_bound_is_better_than_any_that_a_normal_prior_allows() -> None:
    """With linear maps and N(0, I) all is normal, and no normal density has a smaller loss than the data's own."""
    covariance = 4 * AXIS.T @ AXIS + SPREAD**2 * torch.eye(4)
    normal = 0.5 * (4 * (1 + math.log(2 * math.pi)) + covariance.logdet().item())
    heaps = math.log(2) + 2 * (1 + math.log(2 * math.pi * SPREAD**2))  # the entropy of two heaps that hardly touch
    assert best_bound(VariationalAutoencoder) > normal - 0.02
    assert heaps - 0.02 < best_bound(VampPriorAutoencoder, components=4) < normal - 0.5
