from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from src import tracking
from src.callbacks import LatentMap
from src.callbacks.pictures import Moment
from src.contracts import Code
from src.drawing.class_colours import PALETTE, by_class
from tests.callbacks.stand_in import Data, Images, TinyAutoencoder, blobs, trainer_for


def drawn(tmp_path: Path, model: TinyAutoencoder, data: Data, **options: Any) -> Any:
    trainer = trainer_for(tmp_path, [], epochs=1)
    trainer.fit(model, data)
    with torch.no_grad():
        return LatentMap(**options).draw(trainer, model.eval(), Moment(1, final=True))


def title(figure: Any) -> str:
    return figure.get_suptitle()


def test_a_code_of_two_is_drawn_as_it_is_beside_the_decoded_plane(tmp_path: Path) -> None:
    data = Data(blobs())
    model = TinyAutoencoder(data.shape, latent_dim=2)
    scatter, grid = drawn(tmp_path, model, data).axes
    points = np.concatenate([np.asarray(kind.get_offsets()) for kind in scatter.collections])
    z = model.encode(data.val_set.x).z.detach().numpy()
    assert np.allclose(np.sort(points[:, 0]), np.sort(z[:, 0]), atol=1e-5)
    assert grid.get_title() == "decoded"


def test_the_decoded_plane_lies_as_the_scatter_does(tmp_path: Path) -> None:
    class Axes(TinyAutoencoder):
        """Shows z_0 in the left pixel and z_1 in the right one."""

        def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
            return z.view(-1, 1, 1, 2)

        def image(self, raw: Tensor) -> Tensor:
            return raw

        def training_step(self, batch: Any, _: int) -> None:
            return None

    data = Data(blobs(shape=(1, 1, 2)), value_range=(-2, 2))
    pixels = np.asarray(drawn(tmp_path, Axes(data.shape), data).axes[1].images[0].get_array())[..., 0]
    assert pixels[0, 0] < pixels[0, -2]  # z_0 grows to the right
    assert pixels[0, 1] > pixels[-1, 1]  # z_1 grows upwards


def test_a_code_of_one_is_a_histogram(tmp_path: Path) -> None:
    data = Data(blobs())
    histogram, strip = drawn(tmp_path, TinyAutoencoder(data.shape, latent_dim=1), data).axes
    assert sum(bar.get_height() for bar in histogram.patches) == pytest.approx(60)
    assert strip.images


def test_a_wider_code_is_projected_the_same_way_twice(tmp_path: Path) -> None:
    data = Data(blobs())
    torch.manual_seed(0)
    model = TinyAutoencoder(data.shape, latent_dim=60)  # wider than what t-SNE reads
    first, second = drawn(tmp_path, model, data), None
    trainer = trainer_for(tmp_path, [])
    trainer.fit_loop.max_epochs = 0
    trainer.fit(model, data)
    with torch.no_grad():
        second = LatentMap().draw(trainer, model.eval(), Moment(1, final=True))
    one, two = (np.asarray(f.axes[0].collections[0].get_offsets()) for f in (first, second))
    assert np.array_equal(one, two)
    assert "t-SNE of 60 numbers" in title(first)
    assert [text.get_text() for text in first.axes[0].get_legend().get_texts()] == data.val_set.classes


def test_feature_maps_are_flattened_and_decoded_in_their_shape(tmp_path: Path) -> None:
    class Maps(TinyAutoencoder):
        def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
            return Code(self.encoder(x).view(-1, 2, 1, self.latent_dim // 2))

        def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
            assert z.shape[1:] == (2, 1, self.latent_dim // 2)
            return self.decoder(z.flatten(1))

    data = Data(blobs())
    assert len(drawn(tmp_path / "2", Maps(data.shape, latent_dim=2), data).axes) == 2
    assert "t-SNE of 8 numbers" in title(drawn(tmp_path / "8", Maps(data.shape, latent_dim=8), data))


def test_max_points_is_kept_and_few_points_are_enough(tmp_path: Path) -> None:
    data = Data(blobs())
    assert "Codes of 6 " in title(drawn(tmp_path, TinyAutoencoder(data.shape, latent_dim=3), data, max_points=6))
    assert "fewer than" in title(drawn(tmp_path, TinyAutoencoder(data.shape, latent_dim=3), data, max_points=2))


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize(
    ("factor", "said"),
    [(0.0, "all codes are the same"), (float("nan"), "60 codes are NaN or infinite"), (1e-30, ""), (1e18, "")],
)
def test_degenerate_codes_are_named_not_fatal(tmp_path: Path, width: int, factor: float, said: str) -> None:
    class Degenerate(TinyAutoencoder):
        def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
            return Code(self.encoder(x) * (1 if self.training else factor))

    data = Data(blobs())
    model = Degenerate(data.shape, latent_dim=width)
    figure = drawn(tmp_path, model, data)
    figure.savefig(tmp_path / "map.png")
    assert said in title(figure)


def test_codes_that_are_not_finite_are_left_out(tmp_path: Path) -> None:
    class Sometimes(TinyAutoencoder):
        def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
            z = self.encoder(x)
            return Code(z if self.training else torch.where(torch.arange(len(z))[:, None] % 3 == 0, torch.inf, z))

    data = Data(blobs())
    assert "20 codes are NaN or infinite and left out" in title(drawn(tmp_path, Sometimes(data.shape, 4), data))


def test_units_that_stand_still_are_counted(tmp_path: Path) -> None:
    class OneDead(TinyAutoencoder):
        def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
            return Code(self.encoder(x) * torch.tensor([1.0, 0.0]))

    data = Data(blobs())
    assert "1 of 2 units are constant" in title(drawn(tmp_path, OneDead(data.shape, 2), data))


def test_a_very_wide_code_reaches_the_table_as_principal_components(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[np.ndarray] = []
    monkeypatch.setattr(tracking, "log_codes", lambda loggers, z, labels, index, epoch: sent.append(z))
    data = Data(blobs())
    drawn(tmp_path, TinyAutoencoder(data.shape, latent_dim=300), data)
    assert sent[0].shape == (60, 60)


def test_images_without_a_label_have_a_colour_of_their_own(tmp_path: Path) -> None:
    images = blobs()
    data = Data(Images(images.x, torch.where(images.y == 1, -1, images.y), images.classes))
    legend = drawn(tmp_path, TinyAutoencoder(data.shape, 3), data).axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["no label", "kind 0", "kind 2"]


def test_a_class_keeps_its_colour_when_others_are_missing() -> None:
    names = [str(k) for k in range(10)]
    assert [part.colour for part in by_class(np.array([7, 2]), names)] == [PALETTE[2], PALETTE[7]]
    assert len({tuple(part.colour) for part in by_class(np.arange(30), [str(k) for k in range(30)])}) == 30
