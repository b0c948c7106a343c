from pathlib import Path

import numpy as np
import pytest
import torch

from src.callbacks import Reconstructions
from src.callbacks.pictures import Moment
from src.drawing.tiles import as_pixels, centres, tiled
from tests.callbacks.stand_in import Data, TinyAutoencoder, blobs, trainer_for


def drawn(tmp_path: Path, model: TinyAutoencoder, data: Data, n: int = 4) -> list:
    """The picture's rows as axes (the colour bar left out)."""
    trainer = trainer_for(tmp_path, [], epochs=1)
    trainer.fit(model, data)
    with torch.no_grad():
        figure = Reconstructions(n=n).draw(trainer, model.eval(), Moment(1, final=True))
    return [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]


def test_rows_are_input_output_and_error(tmp_path: Path) -> None:
    data = Data(blobs())
    axes = drawn(tmp_path, TinyAutoencoder(data.shape), data)
    assert [ax.get_ylabel() for ax in axes] == ["input", "output", "error"]


def test_what_the_encoder_saw_is_shown_where_it_differs(tmp_path: Path) -> None:
    data = Data(blobs())
    axes = drawn(tmp_path, TinyAutoencoder(data.shape, noise=0.3), data)
    assert [ax.get_ylabel() for ax in axes] == ["input", "seen by\nencoder", "output", "error"]


def test_se_is_the_unclipped_squared_error_of_each_image(tmp_path: Path) -> None:
    class Overshoots(TinyAutoencoder):
        def image(self, raw: torch.Tensor) -> torch.Tensor:
            return 0 * raw + 3

    data = Data(blobs())
    axes = drawn(tmp_path, Overshoots(data.shape), data, n=2)
    expected = [float((3 - x).square().sum()) for x in data.val_set.x[:2]]
    assert [label.get_text() for label in axes[-1].get_xticklabels()] == [f"se {value:.3g}" for value in expected]
    assert float(axes[1].images[0].get_array().max()) == 1.0


def test_an_output_that_is_not_finite_is_named(tmp_path: Path) -> None:
    class Broken(TinyAutoencoder):
        def image(self, raw: torch.Tensor) -> torch.Tensor:
            return raw * float("nan")

    data = Data(blobs())
    assert "not finite" in drawn(tmp_path, Broken(data.shape), data)[1].get_ylabel()


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 9), (2, 4, 4), (1, 1, 1), (7,), (6, 11)])
def test_any_shape_and_fewer_images_than_asked_for(tmp_path: Path, shape: tuple[int, ...]) -> None:
    data = Data(blobs(3, shape))
    trainer_for(tmp_path, [Reconstructions(n=10)], epochs=1).fit(TinyAutoencoder(data.shape), data)
    assert (tmp_path / "figures" / "reconstructions.png").stat().st_size > 2000


def test_pixels_are_scaled_from_the_range_and_clamped() -> None:
    pixels = as_pixels(torch.tensor([-1.0, 0.0, 1.0, 5.0]).view(1, 1, 2, 2), [-1, 1])
    assert pixels.shape == (1, 2, 2, 3)
    assert pixels[0, ..., 0].ravel().tolist() == [0.0, 0.5, 1.0, 1.0]


def test_tiles_lie_row_by_row_with_their_centres() -> None:
    canvas = tiled(np.arange(4.0)[:, None, None] * np.ones((4, 3, 5)), columns=2, gap=0.2, blank=-1)
    assert canvas.shape == (3 + 1 + 3, 5 + 1 + 5)
    assert (canvas[0, 0], canvas[0, 6], canvas[4, 0], canvas[6, 10], canvas[3, 3]) == (0, 1, 2, 3, -1)
    assert centres(2, width=5, gap=0.2).tolist() == [2, 8]
