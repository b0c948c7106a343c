"""What holds for every reconstruction loss."""

import pytest
import torch
from torch import Tensor
from torch.func import grad, jvp, vmap

from src.configuration.files import CONF
from src.losses import Likelihood, PixelLoss, ReconstructionLoss
from tests.losses.every import LOSSES, SHAPE, raw_and_image

every = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
LIKELIHOODS = {name: loss for name, loss in LOSSES.items() if isinstance(loss, Likelihood)}
MEANS = {name: LOSSES[name] for name in (*LIKELIHOODS, "mse")}
"""Losses whose best image of several images is their mean."""


def by_autograd(loss: ReconstructionLoss, raw: Tensor, x: Tensor) -> Tensor:
    raw = raw.clone().requires_grad_()
    return torch.autograd.grad(loss(raw, x).sum(), raw)[0]


def test_every_option_is_tested() -> None:
    assert {file.stem for file in (CONF / "loss").glob("*.yaml")} <= LOSSES.keys()


@every
def test_each_image_has_its_own_sum(loss: ReconstructionLoss) -> None:
    raw, x = raw_and_image(loss)
    whole = loss(raw, x)
    assert whole.shape == (len(x),)
    torch.testing.assert_close(whole, torch.cat([loss(raw[i : i + 1], x[i : i + 1]) for i in range(len(x))]))
    if isinstance(loss, PixelLoss):
        torch.testing.assert_close(whole, loss(raw.flatten(2), x.flatten(2)))


@every
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_summed_in_single_precision(loss: ReconstructionLoss, dtype: torch.dtype) -> None:
    raw, x = (t.repeat(1, 1, 20, 25).to(dtype) for t in raw_and_image(loss))
    result = loss(raw, x)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, loss(raw.double(), x.double()).float(), rtol=1e-5, atol=0)


@every
def test_autocast_changes_no_loss(loss: ReconstructionLoss) -> None:
    raw, x = raw_and_image(loss)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = loss(raw, x)
    assert torch.equal(inside, loss(raw, x))


@every
def test_double_precision_stays(loss: ReconstructionLoss) -> None:
    assert loss(*raw_and_image(loss, dtype=torch.float64)).dtype == torch.float64


@every
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_the_image_has_the_shape_of_the_target_and_the_type_of_raw(
    loss: ReconstructionLoss, dtype: torch.dtype
) -> None:
    image = loss.image(raw_and_image(loss, dtype=dtype)[0])
    assert image.shape == SHAPE
    assert image.dtype == dtype


@every
@pytest.mark.parametrize("value", [-50.0, -1e-4, 0.0, 1e-4, 50.0])
def test_loss_and_gradient_are_finite_at_extremes(loss: ReconstructionLoss, value: float) -> None:
    raw, x = raw_and_image(loss)
    raw, x = torch.full_like(raw, value), x.round()
    assert loss(raw, x).isfinite().all()
    assert loss.image(raw).isfinite().all()
    assert by_autograd(loss, raw, x).isfinite().all()


@every
def test_derivatives_by_torch_func_are_those_of_autograd_even_in_inference_mode(loss: ReconstructionLoss) -> None:
    raw, x = raw_and_image(loss, dtype=torch.float64)
    expected = by_autograd(loss, raw, x)
    with torch.inference_mode():
        each = vmap(grad(lambda r, t: loss(r[None], t[None])[0]))(raw.clone(), x.clone())
        _, along = jvp(lambda r: loss(r, x), (raw.clone(),), (torch.ones_like(raw),))
        torch.testing.assert_close(each, expected)
        torch.testing.assert_close(along, expected.flatten(1).sum(1))


@every
def test_it_compiles_to_one_graph(loss: ReconstructionLoss) -> None:
    raw, x = raw_and_image(loss)
    torch.testing.assert_close(torch.compile(loss, fullgraph=True, backend="eager")(raw, x), loss(raw, x))


@pytest.mark.parametrize("loss", MEANS.values(), ids=MEANS)
def test_the_image_that_fits_several_best_is_their_mean(loss: ReconstructionLoss) -> None:
    x = torch.rand(40, 3, 1, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    raw = torch.zeros(1, loss.raw_channels(3), 1, 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([raw], max_iter=200, line_search_fn="strong_wolfe", tolerance_grad=1e-10)

    def closure() -> Tensor:
        optimizer.zero_grad()
        total = loss(raw.expand(40, -1, 1, 1), x).mean()
        total.backward()
        return total

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(loss.image(raw.detach())[0], x.mean(0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LIKELIHOODS)
@pytest.mark.parametrize("logit", [-6.0, -0.1, 0.0, 0.3, 2.0])
def test_a_likelihood_adds_up_to_one(name: str, logit: float) -> None:
    loss = LIKELIHOODS[name]
    low, high = (0.0, 1.0) if name == "continuous_bernoulli" else (-30.0, 30.0)
    x = torch.tensor([0.0, 1.0]) if name == "bce" else torch.linspace(low, high, 60_001)
    x = x.double()[:, None, None, None]
    raw = torch.tensor([logit, 0.7], dtype=torch.float64)[None, : loss.raw_channels(1), None, None]
    density = loss.log_prob(raw.expand(len(x), -1, 1, 1), x).detach().exp()
    total = density.sum() if name == "bce" else torch.trapezoid(density, x.flatten())
    assert total.item() == pytest.approx(1, rel=1e-6)
