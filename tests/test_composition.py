"""Options of the groups compose, or are refused with a sentence that says what to change."""

import itertools
import math
from pathlib import Path

import pytest

from src.configuration.files import CONF
from src.errors import UserError
from tests.conftest import NO_PICTURES, run


def options(group: str) -> list[str]:
    return sorted(file.stem for file in (CONF / group).glob("*.yaml"))


DATA = {
    "digits": ["data=digits", "data.limit=128"],
    "grey": ["data=synthetic", "data.shape=[1,28,28]"],
    "colour": ["data=synthetic", "data.shape=[3,32,32]"],
    "odd": ["data=synthetic", "data.shape=[1,15,11]"],
}
SMALL = ["data.n_train=128", "data.n_val=32", "data.n_test=32"]
QUICK = ["trainer.max_epochs=1", "data.batch_size=64", *NO_PICTURES]
EXTRA = {  # what makes an option quick
    "regularizer=contractive": ["regularizer.contractive.probes=1"],
    "model=contractive": ["model.probes=1"],
    "model=overcomplete": ["model.expansion=1.01"],
}
REFUSED = {  # which options do not go together, and the word that the sentence must have
    ("model=linear", "network=mlp"): "network=linear",
    ("model=linear", "network=conv"): "network=linear",
    ("model=stacked", "network=linear"): "network=mlp",
    ("model=stacked", "network=conv"): "network=mlp",
    ("model=convolutional", "network=linear"): "network=conv",
    ("model=convolutional", "network=mlp"): "network=conv",
    ("model=denoising", "corruption=none"): "corruption=gaussian",
    ("model=sparse", "regularizer=l1"): "regularizer=l1",
    ("model=contractive", "regularizer=contractive"): "regularizer=contractive",
    # a mean activity is a probability only where codes lie in [0, 1], as contractive's sigmoid codes do
    **{
        (f"model={model}", "regularizer=kl_sparsity"): "model.code_activation=sigmoid"
        for model in options("model")
        if model != "contractive"
    },
}


def train_or_be_refused(folder: Path, *typed: str) -> None:
    """Train an epoch; where the list says so, expect the refusal instead."""
    said = next((word for pair, word in REFUSED.items() if set(pair) <= set(typed)), None)
    more = [extra for option in typed for extra in EXTRA.get(option, [])]
    if said:
        with pytest.raises(UserError, match=said.replace(".", r"\.")):
            run(folder, *typed, *more, *QUICK)
        return
    summary = run(folder, *typed, *more, *QUICK)
    assert summary["status"] == "finished"
    assert math.isfinite(summary["test/loss"])


PAIRED = {  # with model; these groups meet models in pairs, then each other
    "loss": [f"loss={o}" for o in options("loss")],
    "network": [f"network={o}" for o in options("network")],
    "regularizer": [f"regularizer={o}" for o in options("regularizer")],
    "corruption": [f"corruption={o}" for o in options("corruption")],
}
MODELS = [f"model={o}" for o in options("model")]
DIGITS = ["data=digits", "data.limit=64"]


@pytest.mark.parametrize("group", PAIRED)
@pytest.mark.parametrize("model", MODELS)
def test_every_model_with_every_option(model: str, group: str, tmp_path: Path) -> None:
    for i, option in enumerate(PAIRED[group]):
        train_or_be_refused(tmp_path / str(i), model, option, *DIGITS)


@pytest.mark.parametrize("pair", itertools.combinations(PAIRED, 2), ids="-".join)
def test_options_of_two_groups(pair: tuple[str, str], tmp_path: Path) -> None:
    chosen = list(itertools.product(PAIRED[pair[0]], PAIRED[pair[1]]))
    for i, (one, other) in enumerate(chosen):
        model = "model=contractive" if "regularizer=kl_sparsity" in (one, other) else "model=undercomplete"
        train_or_be_refused(tmp_path / str(i), model, one, other, *DIGITS)


@pytest.mark.parametrize("loss", options("loss"))
@pytest.mark.parametrize("data", DATA)
def test_every_loss_on_every_shape_with_models_in_turn(data: str, loss: str, tmp_path: Path) -> None:
    """Pairs of (data, loss), (data, model) and (loss, model): each model meets each shape, at one loss or another."""
    shift = list(DATA).index(data) + options("loss").index(loss)
    small = SMALL if data != "digits" else []
    for i, model in enumerate(options("model")):
        if (i + shift) % 3 == 0:
            train_or_be_refused(tmp_path / model, f"model={model}", f"loss={loss}", *DATA[data], *small)


@pytest.mark.full
@pytest.mark.parametrize("loss", options("loss"))
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("model", options("model"))
def test_every_model_on_every_shape_with_every_loss(model: str, data: str, loss: str, tmp_path: Path) -> None:
    small = SMALL if data != "digits" else []
    train_or_be_refused(tmp_path, f"model={model}", f"loss={loss}", *DATA[data], *small)


@pytest.mark.full
@pytest.mark.parametrize("options", itertools.product(*PAIRED.values()), ids=" ".join)
@pytest.mark.parametrize("model", MODELS)
def test_every_option_with_every_other(model: str, options: tuple[str, ...], tmp_path: Path) -> None:
    train_or_be_refused(tmp_path, model, *options, *DIGITS)


def test_options_stack(tmp_path: Path) -> None:
    typed = ["regularizer=[l1,l2,contractive]", "corruption=[gaussian,masking,salt_and_pepper]", "model=undercomplete"]
    summary = run(tmp_path, *typed, *DIGITS, *QUICK, "regularizer.l1.weight=0.5")
    assert {"test/l1", "test/l2", "test/contractive", "test/denoised_psnr"} <= summary.keys()


@pytest.mark.parametrize("optimizer", options("optimizer"))
@pytest.mark.parametrize("scheduler", options("scheduler"))
def test_every_optimizer_with_every_scheduler(optimizer: str, scheduler: str, tmp_path: Path) -> None:
    run(tmp_path, f"optimizer={optimizer}", f"scheduler={scheduler}", *DIGITS, *QUICK)


@pytest.mark.parametrize("accelerator", ["auto", "cpu", "cpu_bf16"])
def test_every_accelerator_that_is_everywhere(accelerator: str, tmp_path: Path) -> None:
    assert run(tmp_path, f"accelerator={accelerator}", *DIGITS, *QUICK)["status"] == "finished"


@pytest.mark.parametrize("debug", options("debug"))
def test_every_debug_preset(debug: str, tmp_path: Path) -> None:
    summary = run(tmp_path, f"debug={debug}", "data=digits", *NO_PICTURES)
    assert summary["status"] == "finished"
    if debug == "overfit":
        assert summary["train/epochs"] == 300
    if debug == "profile":
        assert any(tmp_path.glob("*profile*.txt"))


@pytest.mark.parametrize("experiment", options("experiment"))
def test_every_experiment_composes_and_trains_on_small_data(experiment: str, tmp_path: Path) -> None:
    small = ["data=synthetic", "data.shape=[1,28,28]", *SMALL, *QUICK]
    assert run(tmp_path, f"experiment={experiment}", *small)["status"] == "finished"
