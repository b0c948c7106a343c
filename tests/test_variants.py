"""Every shipped model, through the real `train`: it learns, leaves a whole run folder, one seed gives one result."""

import math
from pathlib import Path

import pytest
import torch

from src.build import build_data, build_model
from src.callbacks.record import read_rows
from src.configuration.files import CONF
from src.run_folder import RunFolder, open_run
from tests.conftest import NO_PICTURES, compose_config, run

MODELS = sorted(file.stem for file in (CONF / "model").glob("*.yaml"))
TINY = [
    "data=synthetic",
    "data.shape=[1,8,8]",
    "data.n_train=400",
    "data.n_val=60",
    "data.n_test=60",
    "data.batch_size=20",
]
SHORT = [*TINY, "trainer.max_epochs=6", "callbacks.latent_map.max_points=40"]
EXEMPT = {  # what a variant is exempt from, and why
    ("aae", "falling loss"): "its critic improves as it does, so the contest's part of the loss need not fall",
    ("vaegan", "falling loss"): "features are of a critic that learns, and the contest need not fall",
    ("gan", "falling loss"): "its loss is the contest",
    ("gan", "reconstruction"): "it has no encoder",
    ("masked", "clean figures"): "it fills in what is hidden and gives back nothing else",
    **{
        (name, what): why
        for name in ("pca", "svd")
        for what, why in {
            "falling loss": "it is solved before the first epoch",
            "another seed": "nothing about it is random",
            "gradient": "it takes no gradient steps",
        }.items()
    },
}
CLEAN_FIGURES = ("test/se", "test/mse", "test/psnr", "test/ssim", "baseline/")
OF_RECONSTRUCTIONS = (
    *("figures/reconstructions.png", "figures/latent_map.png", "test/reconstruction"),
    *CLEAN_FIGURES,
)
FILES = [
    ".hydra/config.yaml",
    ".hydra/overrides.yaml",
    "checkpoints/best.ckpt",
    "checkpoints/last.ckpt",
    "metrics.csv",
    "summary.json",
    "figures/reconstructions.png",
    "figures/latent_map.png",
    "figures/loss_breakdown.png",
]
SUMMARY = [
    *("status", "seed", "test/loss", "test/se", "test/mse", "test/psnr", "test/ssim", "test/reconstruction"),
    *(f"baseline/pca_{name}" for name in ("se", "mse", "psnr", "ssim", "method")),
    *("train/seconds", "train/images_per_second", "train/epochs", "pictures/seconds", "model/parameters"),
    *("version/torch", "version/lightning", "version/python"),
]


@pytest.mark.parametrize("model", MODELS)
def test_a_variant_learns_and_leaves_a_whole_run_folder(model: str, tmp_path: Path) -> None:
    summary = run(tmp_path, f"model={model}", *SHORT)
    rows = read_rows(tmp_path / "metrics.csv")
    losses = [float(row["train/loss"]) for row in rows]
    assert len(rows) == 6
    assert all(map(math.isfinite, losses))
    assert (model, "falling loss") in EXEMPT or losses[-1] < 0.95 * losses[0]
    clean = CLEAN_FIGURES if (model, "clean figures") in EXEMPT else ("nothing",)
    without = OF_RECONSTRUCTIONS if (model, "reconstruction") in EXEMPT else clean
    there = [name for name in FILES if (tmp_path / name).is_file()] + [name for name in SUMMARY if name in summary]
    assert there == [name for name in FILES + SUMMARY if not name.startswith(without)]
    assert summary["status"] == "finished"
    for term in (name.removeprefix("train/") for name in rows[0] if name.startswith("train/")):
        assert math.isfinite(summary[f"test/{term}"])


@pytest.mark.parametrize("model", MODELS)
def test_two_runs_with_one_seed_are_equal_and_another_seed_is_not(model: str, tmp_path: Path) -> None:
    short = [f"model={model}", *TINY, "trainer.max_epochs=2", *NO_PICTURES]
    for name, seed in {"one": 1, "again": 1, "other": 2}.items():
        run(tmp_path / name, *short, f"seed={seed}")
    one, again, other = (
        torch.load(RunFolder(tmp_path / name).last, weights_only=True)["state_dict"]
        for name in ("one", "again", "other")
    )
    assert all(torch.equal(value, again[key]) for key, value in one.items())
    assert (model, "another seed") in EXEMPT or not all(torch.equal(value, other[key]) for key, value in one.items())


@pytest.mark.parametrize("model", [m for m in MODELS if (m, "gradient") not in EXEMPT])
def test_the_gradient_reaches_every_parameter(model: str) -> None:
    cfg = compose_config([f"model={model}", *TINY, "logger=none"])
    module, data = build_model(cfg), build_data(cfg)
    data.setup()
    module.losses(data.train_set.__getitems__(range(50))).total.backward()
    untouched = [
        name for name, p in module.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())
    ]
    assert untouched == []


@pytest.mark.parametrize("model", MODELS)
def test_a_saved_variant_reopens_with_equal_outputs(model: str, tmp_path: Path) -> None:
    run(tmp_path, f"model={model}", *TINY, "trainer.max_epochs=1", *NO_PICTURES)
    (first, data, _), (again, _, _) = open_run(tmp_path), open_run(tmp_path)
    data.setup()
    batch = data.test_set.__getitems__(range(20))
    with torch.no_grad():
        assert torch.equal(first(batch).raw, again(batch).raw)
        if "reconstruct" in first.capabilities:
            assert first.reconstruct(batch.x, batch.y).shape == batch.x.shape
        if "decode" in first.capabilities:
            assert first.image(first.decode(first(batch).code.z, batch.y)).shape == batch.x.shape
    saved = RunFolder(tmp_path).summary()["test/loss"]
    with torch.no_grad():  # in the batches of the run: some terms are of a batch as a whole
        losses = [first.losses(part).total for part in data.test_set.batches(data.batch_size)]
    assert torch.stack(losses).mean().item() == pytest.approx(saved, rel=1e-5)


@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true", "64-true"])
@pytest.mark.parametrize("model", ["undercomplete", "sparse", "denoising", "contractive", "vae", "conv_vae"])
def test_a_variant_trains_in_every_precision(model: str, precision: str, tmp_path: Path) -> None:
    options = [f"trainer.precision={precision}", "trainer.max_epochs=1", *NO_PICTURES]
    summary = run(tmp_path, f"model={model}", *TINY, *options)
    assert summary["status"] == "finished"
    assert math.isfinite(summary["test/loss"])
