"""The callback that measures how likely the test images are."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from src.callbacks import LogLikelihood
from src.errors import UserError
from src.metrics import log_likelihood
from src.models import VariationalAutoencoder
from src.noise import IndexedNoise
from tests.callbacks.stand_in import Images
from tests.conftest import NO_PICTURES, TINY, run
from tests.linear_gaussian import SHAPE, Toy, linear_gaussian

QUICK = ["model=vae", *TINY, *NO_PICTURES, "data.binarize=dynamic"]


def test_a_run_tells_log_likelihood_samples_and_bits(tmp_path: Path) -> None:
    summary = run(tmp_path, *QUICK, "callbacks.likelihood.samples=20", "callbacks.likelihood.max_images=50")
    assert summary["test/log_likelihood_samples"] == 20
    assert -64 < summary["test/log_likelihood"] < -10
    assert summary["test/bits_per_dim"] == pytest.approx(-summary["test/log_likelihood"] / 64 / math.log(2))


def test_it_is_above_the_bound_and_rises_with_the_samples(tmp_path: Path) -> None:
    one, many = (run(tmp_path / str(s), *QUICK, f"callbacks.likelihood.samples={s}") for s in (1, 50))
    assert one["test/log_likelihood"] == pytest.approx(-one["test/loss"], abs=0.2)  # one sample: the bound, drawn anew
    assert many["test/log_likelihood"] > one["test/log_likelihood"] + 0.05


def test_it_is_not_measured_unless_asked_for(tmp_path: Path) -> None:
    assert "test/log_likelihood" not in run(tmp_path, *QUICK)


def test_a_model_without_a_likelihood_is_refused_before_it_trains(tmp_path: Path) -> None:
    for options in (["model=undercomplete"], ["model=vae", "loss=mse"]):
        with pytest.raises(UserError, match="has no likelihood to measure. Use e.g. model=vae loss=bce"):
            run(tmp_path / options[0], *TINY, *NO_PICTURES, *options, "callbacks.likelihood.samples=5")
        assert not (tmp_path / options[0] / "metrics.csv").exists()


def trainer_of(toy: Toy, rank: int, world: int) -> Any:
    x, y, _ = toy.batch
    return SimpleNamespace(
        datamodule=SimpleNamespace(test_set=Images(x, y, [])),
        global_rank=rank,
        world_size=world,
        is_global_zero=rank == 0,
        precision_plugin=SimpleNamespace(convert_input=lambda batch: batch),
    )


def test_processes_share_the_images_and_what_they_find_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.callbacks.log_likelihood.IMAGES", 3)
    toy = linear_gaussian(VariationalAutoencoder, n=11)
    measure = LogLikelihood(samples=7, chunk=10, max_images=9)
    with torch.no_grad():
        noise = IndexedNoise(0, torch.arange(9))
        expected = log_likelihood(toy.model, toy.batch.x[:9], None, noise, 7, 1000).sum().item()
        alone = measure._summed(trainer_of(toy, 0, 1), toy.model)
        shared = sum(measure._summed(trainer_of(toy, rank, 2), toy.model) for rank in range(2))
    assert alone.tolist() == pytest.approx([expected, 9])
    assert torch.as_tensor(shared).tolist() == pytest.approx([expected, 9])
    assert list(toy.batch.x.shape[1:]) == SHAPE


def test_progress_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("src.callbacks.log_likelihood.SECONDS", 0.0)
    toy = linear_gaussian(VariationalAutoencoder)
    with torch.no_grad():
        LogLikelihood(samples=2, chunk=2)._summed(trainer_of(toy, 0, 1), toy.model)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("nats of 2 of 4 images so far")
    assert second.endswith("nats of 4 of 4 images so far")


def test_grey_pixels_have_no_likelihood_as_black_and_white_ones(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="data.binarize=dynamic"):
        run(tmp_path, *QUICK, "data.binarize=none", "callbacks.likelihood.samples=5")
