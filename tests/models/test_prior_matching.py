"""Codes that are drawn to a distribution, or to an activity, against the same run without what draws them."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from src.contracts import Batch
from src.models import ReconstructionModule
from tests.test_ingredients import from_the_data, trained

SHORT = ["trainer.max_epochs=15", "optimizer.lr=0.003"]
Opened = tuple[ReconstructionModule, Batch, dict[str, float]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A Wasserstein autoencoder whose codes may lie where they like."""
    return trained(tmp_path_factory.mktemp("run") / "plain", "model=wae", "model.divergence=0", *SHORT)


def energy_distance(a: Tensor, b: Tensor) -> float:
    """2 E||a - b|| - E||a - a'|| - E||b - b'||, the two-sample statistic of Szekely & Rizzo 2004: no kernel of ours."""
    between, within_a, within_b = torch.cdist(a, b).mean(), torch.pdist(a).mean(), torch.pdist(b).mean()
    return float(2 * between - within_a - within_b)


def from_the_prior(model: ReconstructionModule, batch: Batch) -> float:
    z = model.encode(batch.x).z
    return energy_distance(z, torch.randn(z.shape, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("options", [["model=wae"], ["model=wae", "model.kernel=rbf"], ["model=swae"]], ids=" ".join)
def test_codes_come_near_the_prior_and_samples_near_the_data(options: list[str], plain: Opened, tmp_path: Path) -> None:
    model, batch, summary = trained(tmp_path, *options, *SHORT)
    freely, _, free = plain
    assert from_the_prior(model, batch) < 0.25 * from_the_prior(freely, batch)
    assert from_the_data(model, batch.x) < 0.9 * from_the_data(freely, batch.x)
    assert summary["test/se"] < 1.4 * free["test/se"]


def test_a_kl_sparse_code_has_the_mean_activity_it_was_told(tmp_path: Path) -> None:
    def activity(*options: str) -> Tensor:
        model, batch, _ = trained(tmp_path / "-".join(options), "model=kl_sparse", *SHORT, *options)
        return model.encode(batch.x).z.mean(0)

    sparse, free = activity("model.target=0.1"), activity("model.sparsity=0")
    assert float(sparse.mean()) == pytest.approx(0.1, rel=0.2)
    assert float(((sparse - 0.1).abs() < 0.05).float().mean()) > 0.9  # nearly every unit, and not their mean alone
    assert float(free.mean()) > 0.3
