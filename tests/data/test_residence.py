"""Where examples lie while a model is trained on them."""

import pytest
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.trainer.states import RunningStage

from src.data import Digits, ExampleSet
from src.data.example_set import AsStored
from src.data.residence import home_of, takes

GPU = torch.device("cuda", 0)


def sets(dtype: torch.dtype = torch.uint8) -> list[ExampleSet]:
    store = torch.zeros(10, 1, 5, 5, dtype=dtype)
    parts = torch.arange(10).split([7, 2, 1])
    return [ExampleSet(store, torch.zeros(len(rows)).long(), rows=rows) for rows in parts]


def test_sets_take_the_bytes_of_their_own_examples() -> None:
    assert takes(sets()) == 250
    assert takes(sets(torch.float32)[:1]) == 700


@pytest.mark.parametrize(("free", "there"), [(1001, True), (1000, False)])
def test_sets_go_to_the_gpu_where_they_take_under_a_quarter(
    free: int, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, 10**9))
    assert (home_of(sets(), GPU, "auto") == GPU) == there
    assert home_of(sets(), GPU, "cpu").type == "cpu"


def test_they_stay_where_training_is_on_the_cpu() -> None:
    assert home_of(sets(), torch.device("cpu"), "auto").type == "cpu"


def test_what_is_moved_is_the_rows_that_belong_to_a_set() -> None:
    moved = sets()[1].on(torch.device("meta"))
    assert moved.values.shape == (2, 1, 5, 5)
    assert moved.values.device.type == moved.labels.device.type == "meta"
    assert moved.rows is None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_run_on_a_gpu_is_fed_from_there() -> None:
    examples = sets()[0].on(GPU)
    batch = examples.convert(examples.cut(torch.tensor([3, 1], device=GPU)))
    assert batch.x.device == batch.y.device == batch.index.device == GPU


def test_bytes_travel_as_they_are_and_floats_converted() -> None:
    whole, tenths = sets()[0], sets(torch.float32)[0]
    assert AsStored(whole).__getitems__(torch.arange(3)).x.dtype == torch.uint8
    assert AsStored(tenths).__getitems__(torch.arange(3)).x.dtype == torch.float32


@pytest.mark.parametrize("precision", ["32-true", "bf16-true"])
def test_what_has_travelled_is_converted_where_it_arrives(precision: str) -> None:
    data = Digits(shape=[1, 8, 8], range=[-1, 1])
    data.setup()
    data.trainer = Trainer(accelerator="cpu", precision=precision, logger=False, enable_checkpointing=False)
    data.trainer.state.stage = RunningStage.TESTING
    index = torch.tensor([4, 2])
    arrived = data.on_after_batch_transfer(data.test_set.cut(index), 0)
    expected = data.trainer.precision_plugin.convert_input(data.test_set.__getitems__(index))
    assert torch.equal(arrived.x, expected.x)
    assert arrived.x.dtype == (torch.bfloat16 if precision == "bf16-true" else torch.float32)
    assert data.on_after_batch_transfer(arrived, 0) is arrived
