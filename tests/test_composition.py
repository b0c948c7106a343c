"""Options of the groups compose, or are refused with a sentence that says what to change."""

import math
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from src.build import build_model
from src.configuration.files import CONF
from src.errors import UserError
from tests.conftest import NO_PICTURES, compose_config, run
from tests.covering import covering
from tests.data.idx_files import write_mnist


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
    "regularizer=gradient_penalty": ["regularizer.gradient_penalty.probes=1"],
    "model=contractive": ["model.probes=1"],
    "model=overcomplete": ["model.expansion=1.01"],
    "model=vamp": ["model.components=10"],
    "model=gan": ["model.critic=[4,8]"],
    "model=vaegan": ["model.critic=[4,8]"],
}
MAPS = ["conv", "conv_pool", "resnet", "conv_32_64_128", "conv_16_32_64"]
REFUSED = {  # which options do not go together, and the word that the sentence must have
    **{  # the network is what these are; conv1d says first that it wants no images
        (f"model={model}", f"network={network}"): f"network={own[0]}"
        for model, own in {
            "linear": ["linear"],
            "stacked": ["mlp"],
            "pca": ["linear"],
            "svd": ["linear"],
            "convolutional": MAPS,
            "vqvae": [*MAPS, "unet", "transformer"],  # codes of maps
            "masked": ["transformer"],
        }.items()
        for network in options("network")
        if network not in (*own, "conv1d")
    },
    # these decode codes that no encoder has just made, and a U-Net's decoder wants the encoder's layers too
    **{(f"model={model}", "network=unet"): "network=conv" for model in ("topk", "batch_topk", "gan", "vaegan")},
    ("model=denoising", "corruption=none"): "corruption=gaussian",
    ("model=sparse", "regularizer=l1"): "regularizer=l1",
    ("model=contractive", "regularizer=contractive"): "regularizer=contractive",
    ("model=kl_sparse", "regularizer=kl_sparsity"): "regularizer=kl_sparsity",
    ("model=wae", "regularizer=mmd"): "regularizer=mmd",
    ("model=rae", "regularizer=decoder_l2"): "regularizer=decoder_l2",
    ("model=rae", "network=dictionary"): "network=mlp",  # its decoder's weights have a fixed length
    ("network=dictionary", "regularizer=decoder_l2"): "network=mlp",
    ("model=masked", "regularizer=contractive"): "another model",  # its encoder never sees a whole image
    **{("model=masked", f"corruption={name}"): "corruption=none" for name in options("corruption") if name != "none"},
    ("model=masked", "loss=ssim_mse"): "loss=mse",  # hidden pixels cannot be counted where windows are compared
    ("model=rae", "regularizer=l2"): "regularizer=l2",
    **{
        (f"model={model}", f"loss={loss}"): "loss=mse"
        for model in ("pca", "svd")
        for loss in options("loss")
        if loss != "mse"
    },
    ("model=masked", "regularizer=gradient_penalty"): "network=conv",  # its decoder needs what the encoder saw
    **{  # what measures an encoder or its codes
        ("model=gan", f"regularizer={name}"): "regularizer=decoder_l2"
        for name in options("regularizer")
        if name not in ("none", "decoder_l2", "gradient_penalty")
    },
    **{("model=gan", f"corruption={name}"): "corruption=none" for name in options("corruption") if name != "none"},
    ("model=beta_tcvae", "regularizer=total_correlation"): "regularizer=total_correlation",
    ("model=factor_vae", "regularizer=total_correlation"): "regularizer=total_correlation",
    ("model=info_vae", "regularizer=mmd"): "regularizer=mmd",
    # a mean activity is a probability only where codes lie in [0, 1], as contractive's sigmoid codes do
    **{
        (f"model={model}", "regularizer=kl_sparsity"): "model.code_activation=sigmoid"
        for model in options("model")
        if model not in ("contractive", "kl_sparse", "categorical", "pca", "svd", "gan")
    },
    **{  # these take no gradient steps, so nothing that adds to a loss or to the input does anything
        (f"model={model}", option): "model=linear"
        for model in ("pca", "svd")
        for group in ("regularizer", "corruption")
        for option in (f"{group}={o}" for o in options(group) if o != "none")
    },
    ("model=ladder_vae", "model.top=8"): "model.latent_dim=9",
    ("network=unet", "regularizer=gradient_penalty"): "network=conv",  # a code alone is not what its decoder reads
    ("corruption=gaps",): "corruption=patches",  # these two work on series
    ("corruption=background",): "corruption=gaussian",
    **{("corruption=grayscale", f"shape={shape}"): "colour" for shape in ("digits", "grey", "odd")},  # is grey already
    ("network=conv1d",): "network=conv",  # last: what a model refuses by itself it refuses before it has a network
    # and after it: what is no likelihood, which iwae asks once it is built
    **{("model=iwae", f"loss={loss}"): "loss=bce" for loss in ("mse", "l1", "huber", "ssim_mse")},
    ("model=iwae", "network=unet"): "network=mlp",
}


GROUPS = ["model", "network", "loss", "regularizer", "corruption"]
CHOICES = {group: [f"{group}={option}" for option in options(group)] for group in GROUPS}
SHAPES = [f"shape={name}" for name in DATA]
NEVER = {frozenset(pair) for pair in REFUSED}
ALONE = {option for pair in REFUSED if len(pair) == 1 for option in pair}
"""Options that images never go with."""
PICK = [[option for option in CHOICES[group] if option not in ALONE] for group in GROUPS]


def typed_out(row: tuple[str, ...]) -> list[str]:
    """What to type for a row of options; its shape stands for a data set."""
    shape = next((option.removeprefix("shape=") for option in row if option.startswith("shape=")), "digits")
    small = SMALL if shape != "digits" else []
    extra = [more for option in row for more in EXTRA.get(option, [])]
    return [*(option for option in row if not option.startswith("shape=")), *DATA[shape], *small, *extra, *QUICK]


def train_and_look(folder: Path, row: tuple[str, ...]) -> None:
    summary = run(folder, *typed_out(row))
    assert summary["status"] == "finished", row
    assert math.isfinite(summary["test/loss"]), row


@pytest.mark.parametrize("row", covering([*PICK, SHAPES], NEVER), ids=" ".join)
def test_every_two_options_compose(row: tuple[str, ...], tmp_path: Path) -> None:
    train_and_look(tmp_path, row)


@pytest.mark.parametrize(("pair", "word"), REFUSED.items(), ids=str)
def test_what_does_not_go_together_is_refused(pair: tuple[str, ...], word: str) -> None:
    with pytest.raises(UserError, match=word.replace(".", r"\.")):
        build_model(compose_config([*typed_out(pair), "logger=none"]))


@pytest.mark.full
@pytest.mark.parametrize("model", PICK[0])
def test_every_model_with_every_two_options(model: str, tmp_path: Path) -> None:
    left = [[option for option in group if frozenset((model, option)) not in NEVER] for group in PICK[1:]]
    for i, row in enumerate(covering([[model], *left, SHAPES], NEVER)):
        train_and_look(tmp_path / str(i), row)


DIGITS = ["data=digits", "data.limit=64"]


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
    chosen = OmegaConf.load(CONF / "experiment" / f"{experiment}.yaml").get("defaults") or []
    data = next((node["override /data"] for node in chosen if "override /data" in node), None)
    if data == "mnist":
        write_mnist(tmp_path / "images", n_train=200, n_test=40)
        small = [f"data.root='{tmp_path / 'images'}'"]
    else:
        small = [*(["data=synthetic", "data.shape=[1,28,28]"] if data is None else []), *SMALL]
    assert run(tmp_path / "run", f"experiment={experiment}", *small, *QUICK)["status"] == "finished"
