"""q(z) over all training images, estimated from a batch, against all of them in full."""

import itertools
import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from src.contracts import GaussianCode
from src.regularizers import AggregatePosterior, Dependence, DimensionWiseKL, MutualInformation
from src.regularizers.aggregate_posterior import Densities, Sampling
from tests.regularizers.passes import NO_MODEL
from tests.regularizers.posteriors import pass_to, posteriors, rows

N, D = 5, 2


def told(sampling: Sampling, train_size: int) -> AggregatePosterior:
    aggregate = AggregatePosterior(sampling)
    aggregate.prepare(train_size)
    return aggregate


def measured(aggregate: AggregatePosterior, code: GaussianCode) -> Densities:
    return aggregate(pass_to(code))


def exact(code: GaussianCode, at: Tensor) -> tuple[Tensor, Tensor]:
    """log q(z) and log q(z_d) at z (n, D), all posteriors counting alike."""
    n, width = code.mean.shape
    joint = MixtureSameFamily(Categorical(torch.ones(n)), Independent(Normal(code.mean, code.std), 1))
    units = MixtureSameFamily(Categorical(torch.ones(width, n)), Normal(code.mean.T, code.std.T))
    return joint.log_prob(at), units.log_prob(at)


def over_batches(code: GaussianCode, size: int, width: int) -> Tensor:
    """The estimates of q(z), z the code of each image, from all batches with that image in front, (N, batches)."""
    aggregate = told("stratified", N)
    estimates: list[list[Tensor]] = [[] for _ in range(N)]
    for chosen in itertools.permutations(range(N), size):
        batch = rows(code, list(chosen))
        batch = GaussianCode(batch.z[:, :width], batch.mean[:, :width], batch.std[:, :width])
        estimates[chosen[0]].append(measured(aggregate, batch).joint[0].exp())
    return torch.stack([torch.stack(e) for e in estimates])


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("width", [1, 2])
def test_stratified_estimates_are_right_on_average_over_all_batches(size: int, width: int) -> None:
    code = posteriors(N, D)
    estimates = over_batches(code, size, width)
    joint, units = exact(code, code.z)
    torch.testing.assert_close(estimates.mean(1), (units[:, 0] if width == 1 else joint).exp())
    assert (estimates.std(1) > 0.01 * estimates.mean(1)).all()  # each by itself is not


def test_stratified_weights_are_the_mean_of_the_papers_over_the_order_of_the_batch() -> None:
    """f = q(z|n*) / N + sum_{m < M} q(z|n_m) / M + (N - M) / (N M) q(z|n_M), M = B - 1 (Chen et al. 2018, C.2)."""
    code, b = posteriors(N, D), 4
    batch, m = rows(code, [4, 0, 3, 1]), b - 1
    under_each = Independent(Normal(batch.mean, batch.std), 1).log_prob(batch.z[:1].expand(b, D)).exp()
    papers = [
        under_each[0] / N + under_each[list(others[:-1])].sum() / m + (N - m) / (N * m) * under_each[others[-1]]
        for others in itertools.permutations(range(1, b))
    ]
    torch.testing.assert_close(measured(told("stratified", N), batch).joint[0].exp(), torch.stack(papers).mean())


def test_a_batch_of_all_images_is_exact() -> None:
    code = posteriors(N, D)
    at = measured(told("stratified", N), code)
    joint, units = exact(code, code.z)
    torch.testing.assert_close(at.joint, joint)
    torch.testing.assert_close(at.product, units.sum(1))


def test_weighted_estimates_are_those_of_the_whole_set_counted_for_the_batch() -> None:
    code = posteriors(N, D)
    at = measured(told("weighted", 1000), code)
    joint, units = exact(code, code.z)
    torch.testing.assert_close(at.joint, joint - math.log(1000))
    torch.testing.assert_close(at.product, (units - math.log(1000)).sum(1))


@pytest.mark.parametrize("sampling", ["stratified", "weighted"])
def test_the_three_parts_add_up_to_the_sampled_divergence(sampling: Sampling) -> None:
    code, aggregate = posteriors(20, 5), told(sampling, 700)
    parts = [kind(1.0, aggregate)(pass_to(code), NO_MODEL) for kind in (MutualInformation, Dependence, DimensionWiseKL)]
    kl = Independent(Normal(code.mean, code.std), 1).log_prob(code.z) - Normal(0.0, 1.0).log_prob(code.z).sum(1)
    assert [part.shape for part in parts] == [(20,)] * 3
    torch.testing.assert_close(sum(parts), kl)


def test_the_parts_are_those_of_the_whole_set() -> None:
    code, aggregate = posteriors(N, D), told("stratified", N)
    joint, units = exact(code, code.z)
    own = Independent(Normal(code.mean, code.std), 1).log_prob(code.z)
    prior = Normal(0.0, 1.0).log_prob(code.z).sum(1)
    expected = {MutualInformation: own - joint, Dependence: joint - units.sum(1), DimensionWiseKL: units.sum(1) - prior}
    for kind, part in expected.items():
        torch.testing.assert_close(kind(1.0, aggregate)(pass_to(code), NO_MODEL), part)


def test_the_densities_of_a_pass_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    aggregate, times = AggregatePosterior(), []
    once = aggregate.densities
    monkeypatch.setattr(aggregate, "densities", lambda *args: times.append(1) or once(*args))
    out = pass_to(posteriors(8, 3))
    for kind in (MutualInformation, Dependence, DimensionWiseKL):
        kind(1.0, aggregate)(out, NO_MODEL)
    assert len(times) == 1
    MutualInformation(1.0, aggregate)(pass_to(posteriors(8, 3)), NO_MODEL)  # the next pass has its own
    assert len(times) == 2


@pytest.mark.parametrize("sampling", ["stratified", "weighted"])
@pytest.mark.parametrize("n", [0, 1, 50_000])
@pytest.mark.parametrize("b", [1, 2])
def test_the_smallest_batches_are_finite_and_so_are_their_gradients(sampling: Sampling, n: int, b: int) -> None:
    code = posteriors(b, 256)
    mean = code.mean.clone().requires_grad_()
    at = measured(told(sampling, n), GaussianCode(code.z, mean, 1e-3 * code.std))
    total = sum(part.sum() for part in at)
    assert isinstance(total, Tensor)
    total.backward()
    assert torch.isfinite(total)
    assert mean.grad is not None
    assert mean.grad.isfinite().all()


def test_one_image_stands_for_itself() -> None:
    at = measured(told("stratified", 50_000), posteriors(1, 3))
    torch.testing.assert_close(at.joint, at.posterior)
    torch.testing.assert_close(at.product, at.posterior)


def test_the_number_of_images_is_kept_with_the_weights() -> None:
    again = AggregatePosterior()
    again.load_state_dict(told("stratified", 54_000).state_dict())
    assert int(again.bfloat16().train_size) == 54_000


def test_half_precision_is_measured_in_single() -> None:
    code = posteriors(8, 3)
    half = GaussianCode(code.z.bfloat16(), code.mean.bfloat16(), code.std.bfloat16())
    single = GaussianCode(half.z.float(), half.mean.float(), half.std.float())
    aggregate = told("stratified", 100)
    for a, b in zip(measured(aggregate, half), measured(aggregate, single), strict=True):
        assert a.dtype == torch.float32
        torch.testing.assert_close(a, b)
