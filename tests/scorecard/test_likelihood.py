"""The card's likelihood against a model whose likelihood has a closed form."""

import math

import pytest
import torch

from src.losses import BernoulliLoss
from src.models import VariationalAutoencoder
from src.scorecard.contenders import Trained
from src.scorecard.likelihood import Likelihood
from tests.linear_gaussian import linear_gaussian
from tests.scorecard.contender import pool
from tests.small_models import parts

INFINITE = (-math.inf, math.inf)


def test_with_the_exact_posterior_it_is_the_closed_form_in_nats_and_bits() -> None:
    toy = linear_gaussian(VariationalAutoencoder, spread=1.0, n=30)
    found = Likelihood(samples=3, chunk=7).measure(Trained(toy.model), pool(toy.batch.x, ends=INFINITE)).scores
    exact = float(toy.marginal.log_prob(toy.batch.x.flatten(1)).mean())
    assert found["log_likelihood"].value == pytest.approx(exact, rel=1e-5)
    assert found["bits_per_dim"].value == pytest.approx(-exact / (6 * math.log(2)), rel=1e-5)
    assert found["samples"].value == 3
    assert found["log_likelihood"].low < found["log_likelihood"].value < found["log_likelihood"].high  # type: ignore[operator]


def test_with_another_posterior_it_comes_near_from_below() -> None:
    toy = linear_gaussian(VariationalAutoencoder, spread=1.5, n=30)
    data, model = pool(toy.batch.x, ends=INFINITE), Trained(toy.model)
    few, many = (Likelihood(samples=s).measure(model, data).scores["log_likelihood"].value for s in (1, 500))
    exact = float(toy.marginal.log_prob(toy.batch.x.flatten(1)).mean())
    assert few < exact - 0.1
    assert many == pytest.approx(exact, abs=0.02)


def test_it_is_of_so_many_images() -> None:
    toy = linear_gaussian(VariationalAutoencoder, spread=1.0, n=30)
    found = Likelihood(samples=1, max_images=10).measure(Trained(toy.model), pool(toy.batch.x, ends=INFINITE)).scores
    exact = float(toy.marginal.log_prob(toy.batch.x[::3].flatten(1)).mean())
    assert found["log_likelihood"].n == 10
    assert found["log_likelihood"].value == pytest.approx(exact, rel=1e-5)


def test_of_grey_pixels_bce_is_none() -> None:
    model = Trained(VariationalAutoencoder(2, **parts(loss=BernoulliLoss())).eval())
    grey, black = torch.rand(20, 2, 3, 4), torch.zeros(20, 2, 3, 4)
    found = Likelihood(samples=2).measure(model, pool(grey))
    assert found.scores == {}
    assert "data.binarize=dynamic" in found.skipped["*"]
    assert "log_likelihood" in Likelihood(samples=2).measure(model, pool(black)).scores
