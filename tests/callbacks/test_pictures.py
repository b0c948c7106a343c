import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_only
from matplotlib.image import imread

from src.callbacks import LatentMap, LossBreakdownPlot, Reconstructions
from src.callbacks.pictures import Moment, PictureCallback, undisturbed
from src.drawing.figure import new_figure
from tests.callbacks.stand_in import Data, TinyAutoencoder, WriteMetrics, blobs, trainer_for

NAMES = ["latent_map", "loss_breakdown", "reconstructions"]


def every_picture(**options: Any) -> list[Callback]:
    return [WriteMetrics(), Reconstructions(**options), LatentMap(**options), LossBreakdownPlot(**options)]


def figures(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "figures").glob("*.png"))


class Peek(PictureCallback):
    """Draws nothing but draws on the random state, and remembers how it found the model."""

    name = "peek"

    def __init__(self, every_n_epochs: int | None = None) -> None:
        super().__init__(every_n_epochs)
        self.seen: list[tuple[str, bool, bool]] = []
        self.weights: list[float] = []

    def draw(self, trainer: Trainer, model: Any, moment: Moment) -> Any:
        torch.randn(7)
        self.seen.append((str(moment), model.training or model.dropout.training, torch.is_grad_enabled()))
        self.weights.append(float(model.encoder[1].weight.sum()))
        return new_figure(1, 1)


def test_each_picture_is_drawn_once_at_the_end(tmp_path: Path) -> None:
    data = Data(blobs())
    callbacks = every_picture()
    trainer_for(tmp_path, callbacks).fit(TinyAutoencoder(data.shape), data)
    assert figures(tmp_path) == NAMES
    for name in NAMES:
        picture = imread(tmp_path / "figures" / f"{name}.png")
        assert min(picture.shape[:2]) > 200
        assert np.ptp(picture[..., :3]) > 0.5
    assert all(callback.seconds > 0 for callback in callbacks if isinstance(callback, PictureCallback))


def test_every_n_epochs_keeps_the_pictures_on_the_way(tmp_path: Path) -> None:
    data = Data(blobs())
    trainer_for(tmp_path, every_picture(every_n_epochs=2), epochs=5).fit(TinyAutoencoder(data.shape), data)
    assert figures(tmp_path) == sorted([*NAMES, *(f"{n}_epoch{e:04d}" for n in NAMES for e in (2, 4))])


def test_the_last_picture_comes_when_training_stops_early(tmp_path: Path) -> None:
    class Stop(Callback):
        def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
            trainer.should_stop = True

    data, peek = Data(blobs()), Peek()
    trainer_for(tmp_path, [Stop(), peek, *every_picture()], epochs=9).fit(TinyAutoencoder(data.shape), data)
    assert figures(tmp_path) == sorted([*NAMES, "peek"])
    assert peek.seen == [("at the end of 1 epoch", False, False)]


def test_the_last_picture_is_of_the_weights_that_training_ends_with(tmp_path: Path) -> None:
    class Averaged(Callback):
        def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
            torch.nn.init.constant_(pl_module.encoder[1].weight, 0.5)  # as weight averaging or a best checkpoint would

    data, peek = Data(blobs()), Peek()
    trainer_for(tmp_path, [peek, Averaged()]).fit(TinyAutoencoder(data.shape), data)
    assert peek.weights == [64.0]


def test_training_does_not_notice(tmp_path: Path) -> None:
    def train(callbacks: list[Callback]) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        data = Data(blobs())
        model = TinyAutoencoder(data.shape, noise=0.1)
        trainer_for(tmp_path, callbacks, epochs=3).fit(model, data)
        assert model.training
        return model.state_dict()

    plain = train([])
    watched = train([Peek(every_n_epochs=1), *every_picture(every_n_epochs=1)])
    assert all(torch.equal(plain[key], watched[key]) for key in plain)


def test_no_random_state_moves(tmp_path: Path) -> None:
    data = Data(blobs(40))
    model, trainer = TinyAutoencoder(data.shape, latent_dim=5, noise=0.1), trainer_for(tmp_path, [])
    trainer.fit(model, data)
    callback = LatentMap()
    torch_before, numpy_before, python_before = torch.get_rng_state(), np.random.get_state()[1], random.getstate()
    callback.on_fit_end(trainer, model)
    Peek().on_fit_end(trainer, model)
    assert torch.equal(torch_before, torch.get_rng_state())
    assert (numpy_before == np.random.get_state()[1]).all()
    assert python_before == random.getstate()


def test_each_modules_own_mode_comes_back_even_after_an_error(tmp_path: Path) -> None:
    data = Data(blobs(20))
    model, trainer = TinyAutoencoder(data.shape), trainer_for(tmp_path, [])
    trainer.fit(model, data)
    model.train()
    model.decoder.eval()
    with pytest.raises(RuntimeError), undisturbed(trainer, model):
        raise RuntimeError
    assert model.training
    assert model.dropout.training
    assert not model.decoder.training
    assert torch.is_grad_enabled()


def test_a_model_that_cannot_encode_has_the_pictures_it_can(tmp_path: Path) -> None:
    class Generator(TinyAutoencoder):
        capabilities = frozenset({"decode"})

    data = Data(blobs())
    trainer_for(tmp_path, every_picture()).fit(Generator(data.shape), data)
    assert figures(tmp_path) == ["loss_breakdown"]


def test_only_the_first_process_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank_zero_only, "rank", 1)
    data, peek = Data(blobs()), Peek(every_n_epochs=1)
    trainer_for(tmp_path, [peek]).fit(TinyAutoencoder(data.shape), data)
    assert peek.seen == []
    assert figures(tmp_path) == []


@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true", "64-true"])
def test_every_precision_can_be_drawn(tmp_path: Path, precision: Any) -> None:
    data = Data(blobs(20))
    trainer_for(tmp_path, every_picture(every_n_epochs=1), epochs=1, precision=precision).fit(
        TinyAutoencoder(data.shape), data
    )
    assert set(NAMES) <= set(figures(tmp_path))


def test_drawing_touches_no_global_state_of_matplotlib(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    data = Data(blobs(20))
    trainer_for(tmp_path, every_picture(), epochs=1).fit(TinyAutoencoder(data.shape), data)
    assert plt.get_fignums() == []
