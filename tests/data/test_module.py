"""The digits, what all data modules share, and the loaders inside a real Trainer."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning import LightningModule, Trainer
from torch import Tensor

from src.contracts import Batch
from src.data import Digits, Synthetic
from src.data.split import cut
from src.errors import UserError


def digits(**changes: Any) -> Digits:
    data = Digits(**{"shape": [1, 8, 8]} | changes)
    data.setup()
    return data


def test_digits_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    data = digits(range=[0, 16])
    sets = (data.train_set, data.val_set, data.test_set)
    assert [len(s) for s in sets] == [1131, 126, 540]
    x = torch.cat([s.__getitems__(range(len(s))).x for s in sets]).flatten(1)
    expected = torch.from_numpy(load_digits().data).float()
    assert torch.equal(torch.unique(x, dim=0), torch.unique(expected, dim=0))
    assert list(data.class_names or ()) == data.test_set.classes == [str(i) for i in range(10)]


def test_digits_are_split_by_class() -> None:
    data = digits()
    total = sum(torch.bincount(s.labels) for s in (data.train_set, data.val_set, data.test_set))
    for s in (data.train_set, data.val_set, data.test_set):
        assert (torch.bincount(s.labels) - total * len(s) / 1797).abs().max() < 1.5


def test_the_split_follows_from_its_own_seed() -> None:
    torch.manual_seed(0)
    first = digits(seed=1)
    torch.manual_seed(1)
    second, third = digits(seed=2), digits(split_seed=1)
    assert torch.equal(first.train_set.stored, second.train_set.stored)
    assert torch.equal(first.test_set.stored, second.test_set.stored)
    assert not torch.equal(first.test_set.stored, third.test_set.stored)


def test_a_cut_keeps_the_classes_in_proportion() -> None:
    labels = torch.tensor([0] * 700 + [1] * 200 + [2] * 100)[torch.randperm(1000)]
    rest, part = cut(labels, 0.1, seed=0)
    assert torch.bincount(labels[part]).tolist() == [70, 20, 10]
    assert torch.equal(torch.cat([rest, part]).sort().values, torch.arange(1000))
    assert not torch.equal(part, cut(labels, 0.1, seed=1)[1])
    assert [len(side) for side in cut(torch.full((3,), -1), 0.01, seed=0)] == [2, 1]


def test_a_limit_takes_training_images_evenly_spaced() -> None:
    limited, whole = digits(limit=100), digits()
    places = torch.tensor([i * 1131 // 100 for i in range(100)])
    assert torch.equal(limited.train_set.stored, whole.train_set.stored[places])
    assert torch.bincount(limited.train_set.labels).min() > 0
    assert torch.equal(limited.val_set.stored, whole.val_set.stored)


def test_loading_happens_once() -> None:
    data = digits()
    train = data.train_set
    data.setup("test")
    assert data.train_set is train


def test_the_three_sets_meet_different_noise() -> None:
    data = digits(binarize="fixed")
    seeds = {s.seed for s in (data.train_set, data.val_set, data.test_set)}
    assert len(seeds) == 3
    assert [s.draw is not None for s in (data.train_set, data.val_set, data.test_set)] == [True, False, False]


def test_a_wrong_shape_says_what_to_type() -> None:
    with pytest.raises(UserError, match=r"data\.shape=\[1,28,28\].*Digits are \[1,8,8\].*type 'data\.shape=\[1,8,8\]'"):
        digits(shape=[1, 28, 28])


def test_a_range_upside_down_says_what_to_type() -> None:
    with pytest.raises(UserError, match=r"data\.range=\[1,0\] runs backwards"):
        digits(range=[1, 0])


@pytest.mark.parametrize("short", ["n_train", "n_val", "n_test"])
def test_fewer_examples_than_processes_are_told_before_the_first_step(short: str) -> None:
    """A process without an example takes no step, and the others would wait for it."""
    purpose = {"n_train": "train on", "n_val": "validate on", "n_test": "test on"}[short]
    sizes = {"n_train": 4, "n_val": 4, "n_test": 4} | {short: 2}
    data = Synthetic(shape=[1, 4, 4], **sizes)
    data.setup()
    data.trainer = SimpleNamespace(  # type: ignore[assignment]
        world_size=3, strategy=SimpleNamespace(root_device=torch.device("cpu"))
    )
    with pytest.raises(UserError, match=rf"2 examples to {purpose} .* 3 processes; take trainer\.devices=2 or fewer"):
        data.train_dataloader()


def test_a_pass_leaves_the_global_generator_alone() -> None:
    data = digits(binarize="fixed")
    before = torch.get_rng_state()
    assert sum(len(batch.x) for batch in data.train_dataloader()) == 1131
    assert sum(len(batch.x) for batch in data.val_dataloader()) == 126
    assert torch.equal(before, torch.get_rng_state())


class Witness(LightningModule):
    """Writes down which images it was shown, by epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(64, 1)
        self.seen: dict[int, list[int]] = {}

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        self.seen.setdefault(self.current_epoch, []).extend(batch.index.tolist())
        return self.layer(batch.x.flatten(1)).square().mean()

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        assert batch.x.shape[1:] == (1, 8, 8)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.0)


def fit(tmp_path: Path, epochs: int, resume: Path | None = None, **options: Any) -> tuple[Witness, Trainer]:
    witness = Witness()
    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "accelerator": "cpu",
    }
    trainer = Trainer(max_epochs=epochs, default_root_dir=tmp_path, use_distributed_sampler=False, **quiet | options)
    trainer.fit(witness, datamodule=Digits(shape=[1, 8, 8], limit=100, batch_size=64), ckpt_path=resume)
    return witness, trainer


def test_a_resumed_run_meets_the_images_in_the_order_it_would_have(tmp_path: Path) -> None:
    whole, _ = fit(tmp_path, 4)
    _, trainer = fit(tmp_path, 2)
    trainer.save_checkpoint(tmp_path / "half.ckpt")
    resumed, _ = fit(tmp_path, 4, resume=tmp_path / "half.ckpt")
    assert [sorted(order) for order in whole.seen.values()] == [list(range(100))] * 4
    assert len({tuple(order) for order in whole.seen.values()}) == 4
    assert resumed.seen == {epoch: whole.seen[epoch] for epoch in (2, 3)}


def test_overfitting_is_to_the_same_batches(tmp_path: Path) -> None:
    witness, _ = fit(tmp_path, 3, overfit_batches=1)
    assert witness.seen[0] == witness.seen[1] == witness.seen[2]
    assert len(witness.seen[0]) == 64
