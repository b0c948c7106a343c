"""Greedy layer-wise pretraining: one layer after another within one `fit`, then all of them."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from src.callbacks import LastCheckpoint
from src.callbacks.record import read_rows
from src.errors import UserError
from tests.conftest import NO_PICTURES, run

LAYERWISE = [
    *("model=stacked", "model.layers=2", "model.nodes=[20,12]", "model.latent_dim=4", "model.pretrain=layerwise"),
    *("data=digits", "data.limit=256", "optimizer.lr=0.003", *NO_PICTURES),
]
PARTS = ["network.encoder.layers.0.", "network.encoder.layers.1.", "network.encoder.layers.2."]


@pytest.fixture
def snapshots(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Tensor]]:
    """The weights at the end of each epoch, the untrained ones first."""
    kept: list[dict[str, Tensor]] = []

    def keep(self: LastCheckpoint, trainer: Any, module: Any) -> None:
        kept.append({name: value.clone() for name, value in module.state_dict().items()})

    monkeypatch.setattr(LastCheckpoint, "on_train_start", keep)
    monkeypatch.setattr(LastCheckpoint, "on_train_epoch_end", keep)
    return kept


def moved(before: dict[str, Tensor], after: dict[str, Tensor], part: str) -> bool:
    return any(not torch.equal(value, after[name]) for name, value in before.items() if name.startswith(part))


def test_layers_train_one_by_one_and_are_handed_over_unchanged(
    snapshots: list[dict[str, Tensor]], tmp_path: Path
) -> None:
    run(tmp_path, *LAYERWISE, "model.pretrain_epochs=2", "trainer.max_epochs=8")
    assert len(snapshots) == 9
    for epoch in range(8):
        changed = [moved(snapshots[epoch], snapshots[epoch + 1], part) for part in PARTS]
        layer = epoch // 2
        assert changed == ([i == layer for i in range(3)] if layer < 3 else [True] * 3)
        mirrored = [moved(snapshots[epoch], snapshots[epoch + 1], f"network.decoder.layers.{2 - i}.") for i in range(3)]
        assert mirrored == changed
    rows = read_rows(tmp_path / "metrics.csv")
    assert [float(row["train/layer"]) for row in rows] == [1, 1, 2, 2, 3, 3, 0, 0]


def test_each_layer_learns_to_give_back_its_input(tmp_path: Path) -> None:
    run(tmp_path, *LAYERWISE, "model.pretrain_epochs=8", "trainer.max_epochs=25")
    losses = [float(row["train/reconstruction"]) for row in read_rows(tmp_path / "metrics.csv")]
    for layer in range(3):
        assert losses[8 * layer + 7] < 0.8 * losses[8 * layer]


def test_masked_pretraining_differs_from_plain(tmp_path: Path) -> None:
    plain, masked = (
        run(tmp_path / str(share), *LAYERWISE, "trainer.max_epochs=7", f"model.pretrain_masking={share}")["test/se"]
        for share in (0.0, 0.3)
    )
    assert plain != masked


def test_early_stopping_waits_for_the_whole_stack(tmp_path: Path) -> None:
    summary = run(
        tmp_path, *LAYERWISE, "model.pretrain_epochs=3", "trainer.max_epochs=11",
        "callbacks.early_stopping.patience=1", "callbacks.early_stopping.min_delta=1000",
    )  # fmt: skip
    assert summary["status"] == "stopped early"
    assert summary["train/epochs"] == 11  # 9 of pretraining, one to compare with, one without gain


def test_training_must_leave_epochs_to_fine_tune(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="set it to 7 or more"):
        run(tmp_path, *LAYERWISE, "trainer.max_epochs=6")
