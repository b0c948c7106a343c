"""The picture of new images."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.image import imread
from torch import Tensor

from src.callbacks import Samples
from src.callbacks.pictures import Moment
from tests.callbacks.stand_in import Data, TinyAutoencoder, blobs, trainer_for


class Sampler(TinyAutoencoder):
    """Samples are decoded noise; asked for classes it gives images as bright as their class."""

    capabilities = frozenset({"encode", "decode", "reconstruct", "sample"})

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        if y is not None:
            return (y / 10)[:, None, None, None].expand(n, 1, 8, 8)
        return self.image(self.decode(torch.randn(n, self.latent_dim, device=self.device, dtype=self.dtype)))


class Conditional(Sampler):
    capabilities = Sampler.capabilities | {"conditional"}


def drawn(folder: Path, model: TinyAutoencoder, data: Data, **options: Any) -> Any:
    """The axis of the picture after no training at all."""
    trainer = trainer_for(folder, [], epochs=0)
    trainer.fit(model, data)
    with torch.no_grad():
        figure = Samples(**options).draw(trainer, model.eval(), Moment(1, final=True))
    (ax,) = figure.axes
    return ax


def test_samples_fill_a_square_and_are_the_same_each_time(tmp_path: Path) -> None:
    data = Data(blobs())
    model = Sampler(data.shape)
    first, again, other = (
        np.asarray(drawn(tmp_path, model, data, across=4, seed=seed).images[0].get_array()) for seed in (3, 3, 4)
    )
    assert first.shape == (4 * 8 + 3, 4 * 8 + 3, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first[:8, :8].std() > 0
    assert not np.array_equal(first[:8, :8], first[9:17, :8])


def test_a_conditional_model_has_a_row_for_each_class(tmp_path: Path) -> None:
    data = Data(blobs(classes=3))
    ax = drawn(tmp_path, Conditional(data.shape), data, across=5)
    canvas = np.asarray(ax.images[0].get_array())
    assert canvas.shape == (3 * 8 + 2, 5 * 8 + 4, 3)
    rows = [canvas[9 * k : 9 * k + 8, :8] for k in range(3)]
    assert [float(row.mean()) for row in rows] == pytest.approx([0.0, 0.1, 0.2])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["kind 0", "kind 1", "kind 2"]


def test_samples_that_are_not_finite_are_named(tmp_path: Path) -> None:
    class Broken(Sampler):
        def image(self, raw: Tensor) -> Tensor:
            return raw * float("nan")

    data = Data(blobs())
    assert "not all finite" in drawn(tmp_path, Broken(data.shape), data).figure.get_suptitle()


@pytest.mark.parametrize("shape", [(3, 5, 9), (2, 4, 4), (1, 40, 3), (7,), (6, 11)])
def test_any_shape_in_any_precision(tmp_path: Path, shape: tuple[int, ...]) -> None:
    data = Data(blobs(4, shape))
    callback = Samples(every_n_epochs=1)
    trainer_for(tmp_path, [callback], epochs=1, precision="bf16-true").fit(Sampler(data.shape), data)
    for name in ("samples", "samples_epoch0001"):
        assert min(imread(tmp_path / "figures" / f"{name}.png").shape[:2]) > 100


def test_a_model_that_cannot_sample_has_no_such_picture(tmp_path: Path) -> None:
    data = Data(blobs(20))
    trainer_for(tmp_path, [Samples()], epochs=1).fit(TinyAutoencoder(data.shape), data)
    assert not (tmp_path / "figures").exists()


def test_training_goes_on_as_if_nothing_had_been_drawn(tmp_path: Path) -> None:
    def trained(callbacks: list[Any]) -> dict[str, Tensor]:
        torch.manual_seed(0)
        data = Data(blobs())
        model = Sampler(data.shape, noise=0.1)
        trainer_for(tmp_path, callbacks, epochs=3).fit(model, data)
        return model.state_dict()

    plain, watched = trained([]), trained([Samples(every_n_epochs=1)])
    assert all(torch.equal(plain[key], watched[key]) for key in plain)
