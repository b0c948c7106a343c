"""metrics.csv and the counts of a run."""

import csv
import math
import time
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch import Callback, Trainer

from src.callbacks import Record
from src.callbacks.record import append_row, keep_rows, read_rows
from tests.callbacks.stand_in import Data, TinyAutoencoder, blobs


class Slow(Callback):
    """Spends time where no training happens."""

    def on_validation_start(self, *_: Any) -> None:
        time.sleep(0.2)

    def on_train_epoch_end(self, *_: Any) -> None:
        time.sleep(0.2)


class Interrupt(Callback):
    """Ctrl-C in the second batch of the second epoch."""

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.current_epoch == 1 and batch_idx == 1:
            raise RuntimeError("stop here")


def fitted(folder: Path, *others: Callback, epochs: int = 2, record: Record | None = None, **options: Any) -> Record:
    """A record of training on 60 images, 32 at a time; Lightning runs it after the others."""
    record = record or Record()
    data = Data(blobs(60))
    trainer = Trainer(
        default_root_dir=folder, max_epochs=epochs, callbacks=[record, *others], accelerator="cpu", logger=False,
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0, **options,
    )  # fmt: skip
    trainer.fit(TinyAutoencoder(data.shape), data)
    return record


def test_each_epoch_has_a_row_with_every_scalar(tmp_path: Path) -> None:
    fitted(tmp_path, epochs=3)
    rows = read_rows(tmp_path / "metrics.csv")
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    expected = {f"{stage}/{term}" for stage in ("train", "val") for term in ("loss", "reconstruction", "l1")}
    assert expected <= set(rows[0])
    assert all(math.isfinite(float(row[name])) for row in rows for name in expected)
    assert float(rows[0]["val/loss"]) == pytest.approx(
        float(rows[0]["val/reconstruction"]) + 0.1 * float(rows[0]["val/l1"]), rel=1e-5
    )


def test_images_and_epochs_are_counted(tmp_path: Path) -> None:
    record = fitted(tmp_path, epochs=3)
    assert (record.epochs, record.images) == (3, 180)
    assert record.images_per_second == pytest.approx(180 / record.seconds)


def test_seconds_leave_out_validation_and_pictures(tmp_path: Path) -> None:
    began = time.perf_counter()
    record = fitted(tmp_path, Slow())
    assert 0 < record.seconds < time.perf_counter() - began - 0.8


def test_seconds_leave_out_a_validation_in_the_midst_of_an_epoch(tmp_path: Path) -> None:
    began = time.perf_counter()
    record = fitted(tmp_path, Slow(), epochs=1, val_check_interval=1)
    assert 0 < record.seconds < time.perf_counter() - began - 0.6


def test_an_epoch_that_was_cut_short_counts_its_images_and_its_seconds(tmp_path: Path) -> None:
    record, one = Record(), fitted(tmp_path / "one", epochs=1)
    with pytest.raises(RuntimeError, match="stop here"):
        fitted(tmp_path / "two", Interrupt(), record=record)
    assert record.epochs == 1
    assert record.images > one.images
    assert record.seconds > 0


def test_a_record_of_nothing_has_no_speed() -> None:
    assert Record().images_per_second is None


def test_its_state_carries_the_counts_over() -> None:
    record, other = Record(), Record()
    record.epochs, record.images, record.seconds = 3, 180, 1.5
    other.load_state_dict(record.state_dict())
    assert (other.epochs, other.images, other.seconds) == (3, 180, 1.5)


def test_rows_of_epochs_that_are_trained_again_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    for epoch in range(4):
        append_row(path, {"epoch": epoch, "train/loss": epoch / 2})
    keep_rows(path, before=2)
    assert read_rows(path) == [{"epoch": "0", "train/loss": "0.0"}, {"epoch": "1", "train/loss": "0.5"}]
    keep_rows(path, before=0)
    assert read_rows(path) == []
    append_row(path, {"epoch": 0, "train/loss": 1.0})
    assert read_rows(path) == [{"epoch": "0", "train/loss": "1.0"}]


def test_a_new_run_leaves_no_file_behind_before_its_first_epoch(tmp_path: Path) -> None:
    keep_rows(tmp_path / "metrics.csv", before=0)
    assert list(tmp_path.iterdir()) == []


def test_a_figure_that_comes_later_has_its_own_column_and_one_that_is_missing_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    append_row(path, {"epoch": 0, "train/loss": 1.0})
    append_row(path, {"epoch": 1, "train/loss": 2.0, "val/loss": 3.0})
    append_row(path, {"epoch": 2, "val/loss": 4.0})
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["epoch", "train/loss", "val/loss"],
            ["0", "1.0", ""],
            ["1", "2.0", "3.0"],
            ["2", "", "4.0"],
        ]


def test_a_row_says_numbers_exactly(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    append_row(path, {"epoch": 0, "train/loss": 0.1 + 0.2})
    assert float(read_rows(path)[0]["train/loss"]) == 0.1 + 0.2


def test_training_again_in_the_same_folder_starts_the_file_anew(tmp_path: Path) -> None:
    fitted(tmp_path, epochs=3)
    fitted(tmp_path, epochs=1)
    assert [row["epoch"] for row in read_rows(tmp_path / "metrics.csv")] == ["0"]
