from pathlib import Path
from typing import Any

import numpy as np
import pytest

from src.callbacks import LossBreakdownPlot
from src.callbacks.loss_breakdown import curves_of, recorded
from src.callbacks.pictures import Moment
from tests.callbacks.stand_in import Data, TinyAutoencoder, blobs, trainer_for

ROWS = {
    0: {"train/loss": 12.0, "train/reconstruction": 10.0, "train/kl": 4.0, "weight/kl": 0.5, "val/loss": 11.0},
    1: {"train/loss": -1.0, "train/reconstruction": -3.0, "train/kl": 2.0, "weight/kl": 1.0},
}


def written(folder: Path, text: str) -> Path:
    path = folder / "metrics.csv"
    path.write_text(text)
    return path


def drawn(folder: Path, rows: dict[int, dict[str, float]]) -> Any:
    keys = sorted({key for row in rows.values() for key in row})
    lines = [",".join(["epoch", *keys])]
    lines += [",".join([str(epoch), *(str(row.get(key, "")) for key in keys)]) for epoch, row in rows.items()]
    written(folder, "\n".join(lines) + "\n")
    figure = LossBreakdownPlot().draw(
        trainer_for(folder, []), TinyAutoencoder([1, 8, 8]), Moment(len(rows), final=True)
    )
    assert figure is not None
    figure.savefig(folder / "plot.png")
    return figure.axes[0]


def test_terms_are_weighted_and_sum_to_the_loss() -> None:
    curves = curves_of(ROWS)
    assert curves.weighted["kl"].tolist() == [2.0, 2.0]
    assert np.allclose(sum(curves.weighted.values()), curves.train)


def test_only_terms_of_the_loss_are_stacked() -> None:
    curves = curves_of({0: ROWS[0] | {"train/accuracy": 0.5, "learning_rate": 1e-3}})
    assert list(curves.weighted) == ["reconstruction", "kl"]


def test_empty_cells_and_repeated_epochs(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "epoch,train/loss,train/reconstruction,val/loss\n0,5,5,\n1,4,4,4\n1,3,3,\n2,,,9\n",
    )
    rows = recorded(path)
    assert list(rows) == [0, 1]
    assert rows[1]["train/loss"] == 3
    assert recorded(tmp_path / "none.csv") == {}


def test_a_run_without_an_epoch_has_no_picture(tmp_path: Path) -> None:
    trainer = trainer_for(tmp_path, [])
    assert LossBreakdownPlot().draw(trainer, TinyAutoencoder([1, 8, 8]), Moment(0, final=True)) is None


def test_what_lowers_the_loss_is_stacked_downwards(tmp_path: Path) -> None:
    ax = drawn(tmp_path, ROWS)
    spans = [collection.get_paths()[0].get_extents() for collection in ax.collections]
    assert max(span.y1 for span in spans) == pytest.approx(12)
    assert min(span.y0 for span in spans) == pytest.approx(-3)
    assert ax.get_ylim()[0] < -3


def test_a_single_epoch_is_a_bar(tmp_path: Path) -> None:
    ax = drawn(tmp_path, {0: ROWS[0]})
    assert ax.collections[0].get_paths()[0].get_extents().width == pytest.approx(0.6)
    assert ax.get_xticks().tolist() == [0]
    assert ax.get_ylim()[0] == 0


def test_each_term_is_in_the_legend_with_its_last_value_and_share(tmp_path: Path) -> None:
    texts = [text.get_text() for text in drawn(tmp_path, ROWS).get_legend().get_texts()]
    assert texts == ["reconstruction: -3, 60.0%", "kl: 2, 40.0%", "train: -1", "validation: 11"]


def test_a_loss_that_is_not_finite_is_named(tmp_path: Path) -> None:
    rows = ROWS | {2: {"train/loss": float("nan"), "train/reconstruction": float("nan"), "train/kl": float("inf")}}
    assert drawn(tmp_path, rows).get_title() == "the loss is not finite in 1 of 3 epochs"


def test_a_picture_on_the_way_has_the_epoch_that_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    monkeypatch.setattr(
        "src.callbacks.loss_breakdown.curves_of", lambda rows: found.append(len(rows)) or curves_of(rows)
    )
    data = Data(blobs())
    trainer_for(tmp_path, [LossBreakdownPlot(every_n_epochs=1)], epochs=1).fit(TinyAutoencoder(data.shape), data)
    assert found == [1]
