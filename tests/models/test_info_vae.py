"""The two weights of InfoVAE, and when they are refused."""

from typing import Any

import pytest

from src.errors import UserError
from src.models.info_vae import InfoVariationalAutoencoder
from tests.small_models import mlp, parts


def weights(**dials: Any) -> dict[str, float]:
    return InfoVariationalAutoencoder(2, **dials, **parts(mlp(4))).objective.weights()


@pytest.mark.parametrize(
    ("alpha", "lambda_", "kl", "mmd"), [(0, 1, 1, 0), (1, 10, 0, 10), (0.25, 5, 0.75, 4.25), (-3, 10, 4, 6)]
)
def test_the_weights_are_those_of_the_paper(alpha: float, lambda_: float, kl: float, mmd: float) -> None:
    assert weights(alpha=alpha, lambda_=lambda_) == pytest.approx({"kl": kl, "mmd": mmd})


@pytest.mark.parametrize(("alpha", "lambda_"), [(1.5, 10), (0, 0.5), (-3, 3)])
def test_weights_below_zero_are_refused(alpha: float, lambda_: float) -> None:
    with pytest.raises(UserError, match="Use alpha up to 1, and lambda_ of at least 1 - alpha"):
        weights(alpha=alpha, lambda_=lambda_)
