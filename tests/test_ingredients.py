"""What makes a variant that variant shows, against the same run with its own ingredient at zero."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from src.contracts import Batch
from src.models import ReconstructionModule
from src.regularizers.contractive import exact_sq_norm
from src.run_folder import open_run
from tests.conftest import NO_PICTURES, run

DIGITS = [
    *("data=digits", "trainer.max_epochs=50", "callbacks.early_stopping=null", "callbacks.last_checkpoint=null"),
    *NO_PICTURES,
]
AWAKE = 1e-3


def trained(folder: Path, *options: str) -> tuple[ReconstructionModule, Batch, dict[str, Any]]:
    """The best weights of a run on digits, the test images, and the summary."""
    summary = run(folder, *DIGITS, *options)
    model, data, _ = open_run(folder)
    data.setup()
    return model.requires_grad_(False), data.test_set.__getitems__(range(len(data.test_set))), summary


def awake(model: ReconstructionModule, batch: Batch) -> float:
    """Mean number of units of an image's code that are awake."""
    return (model.encode(batch.x).z.abs() > AWAKE).float().sum(1).mean().item()


def decibels(x_hat: Tensor, x: Tensor) -> float:
    return -10 * math.log10((x_hat - x).square().mean().item())


def test_a_linear_autoencoder_spans_the_principal_components(tmp_path: Path) -> None:
    options = ["model=linear", "model.latent_dim=3", "scheduler=cosine", "optimizer.lr=0.03", "trainer.max_epochs=100"]
    angle = "+callbacks.pca_angle._target_=src.callbacks.PrincipalAngle"
    _, _, summary = trained(tmp_path / "linear", *options, angle)
    assert summary["test/pca_angle"] < 5
    assert summary["test/se"] == pytest.approx(summary["baseline/pca_se"], rel=0.01)
    # without its ingredient, being linear, it is better than any linear map
    _, _, bent = trained(tmp_path / "bent", "model=undercomplete", "model.latent_dim=3")
    assert bent["test/se"] < 0.8 * summary["baseline/pca_se"]


def test_an_undercomplete_code_is_what_limits_the_reconstruction(tmp_path: Path) -> None:
    _, _, narrow = trained(tmp_path / "narrow", "model=undercomplete", "model.latent_dim=2")
    _, _, wide = trained(tmp_path / "wide", "model=undercomplete", "model.latent_dim=32")
    assert narrow["test/se"] > 3 * wide["test/se"]
    assert narrow["test/se"] < narrow["baseline/pca_se"]  # and what passes through it is more than PCA lets through


def test_an_overcomplete_code_is_kept_from_copying_by_its_regularizer(tmp_path: Path) -> None:
    model, batch, kept = trained(tmp_path / "kept", "model=overcomplete")
    free_model, _, free = trained(tmp_path / "free", "model=overcomplete", "regularizer=none")
    assert model.latent_dim == 128
    assert awake(model, batch) < 0.5 * awake(free_model, batch)
    assert free["test/se"] < 0.5 * kept["test/se"]  # without it, it is on its way to a copy


def test_a_stacked_autoencoder_gains_by_its_depth(tmp_path: Path) -> None:
    deep = trained(tmp_path / "deep", "model=stacked")[2]
    shallow = trained(tmp_path / "shallow", "model=undercomplete", "network.hidden=[]")[2]
    assert deep["test/se"] < 0.7 * shallow["test/se"]


def test_convolutions_need_fewer_parameters(tmp_path: Path) -> None:
    shapes = ["data=synthetic", "data.n_train=2000", "trainer.max_epochs=10"]
    conv = trained(tmp_path / "conv", "model=convolutional", *shapes)[2]
    dense = trained(tmp_path / "dense", "model=undercomplete", "network.hidden=[40]", *shapes)[2]
    assert dense["model/parameters"] == pytest.approx(conv["model/parameters"], rel=0.05)
    assert conv["test/se"] < 0.85 * dense["test/se"]


def test_a_sparse_code_has_under_half_the_awake_units(tmp_path: Path) -> None:
    model, batch, _ = trained(tmp_path / "sparse", "model=sparse")
    plain = trained(tmp_path / "plain", "model=sparse", "model.sparsity=0")[0]
    assert 1 < awake(model, batch) < 0.5 * awake(plain, batch)


def test_sparsity_reaches_every_hidden_layer(tmp_path: Path) -> None:
    model, batch, _ = trained(tmp_path / "sparse", "model=sparse", "model.layers=all", "model.sparsity=0.003")
    plain = trained(tmp_path / "plain", "model=sparse", "model.sparsity=0")[0]
    shares = [[(h > AWAKE).float().mean().item() for h in m(batch).hidden] for m in (model, plain)]
    assert len(shares[0]) == 4
    assert all(few < many for few, many in zip(*shares, strict=True))
    assert sum(shares[0]) < 0.75 * sum(shares[1])


def test_a_denoising_autoencoder_gains_two_decibels_on_noisy_images(tmp_path: Path) -> None:
    noise = "corruption.gaussian.std=0.5"
    model, batch, summary = trained(tmp_path / "denoising", "model=denoising", noise)
    plain = trained(tmp_path / "plain", "model=undercomplete", "model.latent_dim=32")[0]
    seen = model(batch).seen
    gained = decibels(model.image(model.decode(model.encode(seen).z)), batch.x)
    assert gained > decibels(plain.image(plain.decode(plain.encode(seen).z)), batch.x) + 2
    assert gained > decibels(seen, batch.x) + 2
    assert summary["test/denoised_psnr"] == pytest.approx(gained, abs=0.01)
    assert summary["test/noisy_psnr"] == pytest.approx(decibels(seen, batch.x), abs=0.01)


def test_a_contractive_code_hardly_moves_at_nearly_the_same_error(tmp_path: Path) -> None:
    model, batch, with_it = trained(tmp_path / "contractive", "model=contractive")
    plain, _, without = trained(tmp_path / "plain", "model=contractive", "model.contraction=0")
    norms = [exact_sq_norm(m, batch.x[:200]).mean().item() for m in (model, plain)]
    assert norms[0] < 0.5 * norms[1]
    assert with_it["test/se"] < 1.1 * without["test/se"]


@pytest.mark.parametrize("model_name", ["vae", "conv_vae"])
def test_a_vae_uses_its_code_and_samples_near_the_data(tmp_path: Path, model_name: str) -> None:
    model, batch, summary = trained(tmp_path / "vae", f"model={model_name}")
    plain = trained(tmp_path / "plain", f"model={model_name}", "model.beta=0")[0]
    assert (model.encode(batch.x).z.var(0) > 0.01).sum() >= 2  # active units: Burda et al. 2016
    assert 0.5 < summary["test/kl"] < 20
    assert from_the_data(model, batch.x) < 0.8 * from_the_data(plain, batch.x)


def from_the_data(model: ReconstructionModule, x: Tensor) -> float:
    """Mean distance of a sample to the image nearest to it."""
    torch.manual_seed(0)
    return torch.cdist(model.sample(300).flatten(1), x.flatten(1)).min(1).values.mean().item()
