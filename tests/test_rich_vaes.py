"""What the VAEs of richer priors, posteriors and hierarchies have in common, on every kind of image and code."""

from typing import Any

import pytest
import torch
from torch import Tensor

from src.build import build_model
from src.contracts import Batch, StochasticCode
from src.models import ReconstructionModule
from src.noise import IndexedNoise
from tests.conftest import compose_config

RICH = {
    "vamp": ["model=vamp", "model.components=7"],
    "iaf": ["model=flow_vae"],
    "planar": ["model=flow_vae", "model.flow=planar"],
    "ladder": ["model=ladder_vae"],
}
B = 6
every = pytest.mark.parametrize("name", RICH)


def built(name: str, *more: str, shape: str = "[1,28,28]") -> tuple[ReconstructionModule, Batch]:
    torch.manual_seed(0)
    model: Any = build_model(
        compose_config([*RICH[name], "data=synthetic", f"data.shape={shape}", *more, "logger=none"])
    )
    return model, Batch(torch.rand(B, *model.shape), torch.full((B,), -1), torch.arange(B))


@every
@pytest.mark.parametrize("latent_dim", [2, 256])
@pytest.mark.parametrize(("network", "shape"), [("mlp", "[1,28,28]"), ("conv", "[3,32,32]")])
def test_codes_of_any_size_on_any_images(name: str, latent_dim: int, network: str, shape: str) -> None:
    model, batch = built(name, f"model.latent_dim={latent_dim}", f"network={network}", shape=shape)
    total = model.losses(batch).total
    total.backward()
    assert bool(total.isfinite())
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in model.parameters())
    with torch.inference_mode():
        assert model.encode(batch.x).z.shape == (B, latent_dim)
        assert model.sample(3).shape == (3, *model.shape)
        assert model.reconstruct(batch.x).shape == batch.x.shape


@every
def test_it_can_be_sampled_and_has_a_likelihood(name: str) -> None:
    model, batch = built(name)
    assert {"encode", "decode", "reconstruct", "sample", "likelihood"} <= model.capabilities
    code = model.eval().encode(batch.x)
    assert isinstance(code, StochasticCode)
    z, log_q = code.rsample(4, IndexedNoise(0, batch.index))
    assert model.log_joint(batch.x, z).shape == log_q.shape == (4, B)
    losses = model.losses(batch).means  # one sample's bound is what the loss says, by the way of the loss
    drawn, log_q_drawn = code.rsample(1, IndexedNoise(model.seed, batch.index))
    bound = (model.log_joint(batch.x, drawn) - log_q_drawn).mean()
    torch.testing.assert_close(-bound, losses["reconstruction"] + losses["kl"])


@every
def test_outside_training_a_value_belongs_to_its_image(name: str) -> None:
    model, batch = built(name)
    with torch.no_grad():
        out = model.eval()(batch)
        turned = model(Batch(batch.x.flip(0), batch.y, batch.index.flip(0)))
    for name_, term in model.objective.measured(out, model).items():
        torch.testing.assert_close(model.objective.measured(turned, model)[name_].flip(0), term, rtol=1e-4, atol=1e-4)


@every
@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true", "64-true"])
def test_terms_are_of_single_precision_or_better_and_agree(name: str, precision: str) -> None:
    model, batch = built(name)
    model.eval()
    single = model.losses(batch).means
    dtype = {"bf16-true": torch.bfloat16, "64-true": torch.float64}.get(precision, torch.float32)
    model.to(dtype)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16-mixed"):
        means = model.losses(batch._replace(x=batch.x.to(dtype))).means
        images = model.sample(2)
    assert images.isfinite().all()
    for term in ("reconstruction", "kl"):
        assert means[term].dtype == (torch.float64 if precision == "64-true" else torch.float32)
        assert float(means[term]) == pytest.approx(float(single[term]), rel=0.05, abs=0.1)


@every
def test_a_checkpoint_has_each_tensor_once_and_restores_all(name: str) -> None:
    model, batch = built(name)
    state = model.state_dict()
    assert len({value.data_ptr() for value in state.values()}) == len(state)
    again, _ = built(name)
    for p in again.parameters():
        torch.nn.init.zeros_(p)
    again.load_state_dict(state)
    assert torch.equal(_loss(again, batch), _loss(model, batch))


def _loss(model: ReconstructionModule, batch: Batch) -> Tensor:
    with torch.no_grad():
        return model.eval().losses(batch).total
