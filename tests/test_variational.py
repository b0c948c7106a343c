"""What the relatives of the VAE add shows, against the same run without it."""

from pathlib import Path

import pytest

from src.callbacks.record import read_rows
from tests.conftest import NO_PICTURES, TINY, compose_config, run
from tests.test_ingredients import trained

SHORT = "trainer.max_epochs=20"


def test_a_beta_vae_tells_less(tmp_path: Path) -> None:
    four = trained(tmp_path / "four", "model=beta_vae", SHORT)[2]
    one = trained(tmp_path / "one", "model=beta_vae", "model.beta=1", SHORT)[2]
    assert 0 < four["test/kl"] < 0.6 * one["test/kl"]


def test_free_bits_keep_every_unit_awake(tmp_path: Path) -> None:
    model, batch, _ = trained(tmp_path / "free", "model=free_bits", "model.beta=4", SHORT)
    plain, _, _ = trained(tmp_path / "plain", "model=free_bits", "model.beta=4", "model.free=0", SHORT)
    kept, silent = (m.encode(batch.x).kl.mean(0) for m in (model, plain))  # type: ignore[attr-defined]
    assert kept.min() > 0.35  # of 0.5 that are free
    assert silent.min() < 0.05


def test_more_importance_samples_learn_a_likelier_model(tmp_path: Path) -> None:
    options = ["model=iwae", "data.binarize=dynamic", "callbacks.likelihood.samples=200", "model.samples={}", SHORT]
    many, one = (
        trained(tmp_path / str(k), *[option.format(k) for option in options])[2]["test/log_likelihood"] for k in (20, 1)
    )
    assert many > one + 0.1


@pytest.mark.parametrize("preset", ["kl_warmup", "kl_cycles"])
def test_a_scheduled_weight_stands_at_its_end_outside_training(preset: str, tmp_path: Path) -> None:
    eight_epochs = ["data=digits", "data.limit=64", "data.batch_size=16", "trainer.max_epochs=8", *NO_PICTURES]
    run(tmp_path, f"experiment={preset}", *eight_epochs)
    rows = [{key: float(value) for key, value in row.items()} for row in read_rows(tmp_path / "metrics.csv")]
    assert rows[0]["weight/kl"] < 1
    for row in rows:
        assert row["val/loss"] == pytest.approx(row["val/reconstruction"] + row["val/kl"], rel=1e-5)
    first = rows[0]
    assert first["train/loss"] < first["train/reconstruction"] + first["train/kl"] - 1e-4


def test_a_weight_takes_a_schedule_on_the_command_line(tmp_path: Path) -> None:
    schedule = "model.beta={_target_:src.schedules.Linear,start:0,end:2}"
    summary = run(tmp_path, "model=vae", *TINY, *NO_PICTURES, schedule)
    assert summary["test/loss"] == pytest.approx(summary["test/reconstruction"] + 2 * summary["test/kl"], rel=1e-5)


def test_the_presets_of_the_likelihood_are_one_network_and_one_estimate() -> None:
    vae, iwae = (compose_config([f"experiment={name}"]) for name in ("vae_likelihood", "iwae_bound"))
    for key in ("network", "data", "scheduler", "loss", "callbacks"):
        assert vae[key] == iwae[key], key
    assert {**vae.optimizer, "lr": None} == {**iwae.optimizer, "lr": None}  # the rate goes with the warm-up of beta
    assert vae.model.latent_dim == iwae.model.latent_dim
    assert iwae.model.samples == 5
