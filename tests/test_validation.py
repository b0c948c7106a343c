"""A config against small classes of this file: every kind of problem, all of them at once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import pytest
import torch
from omegaconf import OmegaConf

from src.build import Run
from src.configuration.files import stacked_options, top_level_keys
from src.configuration.hardware import missing_devices
from src.configuration.resolution import Unresolved, resolved
from src.configuration.signatures import locate, signature
from src.errors import UserError
from src.ranges import PositiveInt
from src.validation import problems, validate
from tests.conftest import compose_config


class Term:
    def __init__(self, weight: float = 1.0) -> None: ...


class Loss:
    def __init__(self, kind: Literal["plain", "robust"] = "plain") -> None: ...


class Parts(TypedDict):
    loss: Loss


class Model:
    def __init__(
        self,
        latent_dim: PositiveInt,
        terms: Mapping[str, Term] | None = None,
        optimizer: Callable[..., Any] | None = None,
        odd_default: int = None,  # type: ignore[assignment]  # noqa: RUF013
        **parts: Unpack[Parts],
    ) -> None: ...


class Open:
    def __init__(self, a: int = 1, **kwargs: Any) -> None: ...


class ThirdParty:
    def __init__(self, a: "Nowhere", b: int = 1) -> None: ...  # type: ignore[name-defined]  # noqa: F821


def make_term(weight: float) -> Term:
    return Term(weight)


def node(target: Any, **values: Any) -> dict[str, Any]:
    return {"_target_": f"{target.__module__}.{target.__qualname__}", **values}


def found(config: dict[str, Any], known: set[str] | None = None) -> list[str]:
    return problems(OmegaConf.create(config), set(config) if known is None else known)


@pytest.mark.parametrize(
    "config",
    [
        {"model": node(Model, latent_dim=3)},
        {"model": node(Model, latent_dim=3, odd_default=None)},
        {"model": node(Model, latent_dim=3, terms={"a": node(Term, weight=1)}, optimizer=node(Term, _partial_=True))},
        {"model": node(Model, latent_dim=3, terms={"a": node(make_term, weight=1)})},
        {"model": node(Model, latent_dim="${size}"), "size": 3},
        {"model": node(Model, _partial_=True)},
        {"model": node(Model, _args_=[3])},
        {"model": node(Model, latent_dim=3, _recursive_=False, _convert_="all")},
        {"x": node(Open, anything="goes")},
        {"x": node(ThirdParty, a="anything")},
        {"x": node(dict, a=1)},
        {"terms": {}, "nothing": None, "callbacks": {"one": None}},
    ],
)
def test_sound_configs_have_no_problems(config: dict[str, Any]) -> None:
    assert found(config) == []


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model": node(Model, latent_dim="abc")}, "model.latent_dim=abc: expected a whole number greater than 0"),
        ({"model": node(Model, latent_dim=0)}, "model.latent_dim=0: expected a whole number greater than 0"),
        ({"model": node(Model)}, "model.latent_dim is missing: expected a whole number greater than 0"),
        (
            {"model": node(Model, latent_dim=3, latnt_dim=4)},
            "model.latnt_dim=4: unknown key 'latnt_dim' for Model; did you mean 'model.latent_dim'?",
        ),
        ({"model": node(Model, latent_dim=3, loss=node(Loss))}, "unknown key 'loss' for Model"),
        (
            {"loss": node(Loss, kind="robus")},
            "loss.kind=robus: expected one of plain, robust; did you mean 'robust'?",
        ),
        ({"term": {"l1": node(Term, weight="x")}}, "term.l1.weight=x: expected a number"),
        ({"term": [node(Term), node(Term, weight="x")]}, "term[1].weight=x: expected a number"),
        (
            {"model": node(Model, latent_dim=3, terms={"a": node(Loss)})},
            f"model.terms.a={__name__}.Loss: expected a node that builds Term",
        ),
        (
            {"model": node(Model, latent_dim=3, terms={"a": node(Term, weight="x")})},
            "model.terms.a.weight=x: expected a number",
        ),
        (
            {"model": node(Model, latent_dim=3, terms={"a": 5, "b": node(Term)})},
            "model.terms.a=5: expected a node that",
        ),
        ({"model": node(Model, latent_dim=3, terms=[1])}, "model.terms=[1]: expected a mapping to Terms or null"),
        ({"x": node(Open, a="b", c=3)}, "x.a=b: expected a whole number"),
        ({"x": node(ThirdParty, c=3, a=1)}, "x.c=3: unknown key 'c' for ThirdParty"),
        (
            {"x": {"_target_": f"{__name__}.Modl"}},
            f"there is no 'Modl' in {__name__}; did you mean '{__name__}.Model'?",
        ),
        ({"x": {"_target_": "src.lossess.Mse"}}, "there is no 'lossess' in src; did you mean 'src.losses'?"),
        ({"x": {"_target_": "nowhere.at.all"}}, "there is no 'nowhere'"),
        ({"model": node(Model, latent_dim="???")}, "model.latent_dim=???: a value must be given"),
        ({"model": node(Model, latent_dim="${size}")}, "model.latent_dim=${size}: Interpolation key 'size' not found"),
    ],
)
def test_each_problem_is_told_once(config: dict[str, Any], message: str) -> None:
    (problem,) = found(config)
    assert message in problem


def test_a_misspelt_key_at_the_top_is_refused() -> None:
    assert found({"sed": 3}, known={"seed", "model"}) == ["sed=3: unknown key 'sed'; did you mean 'seed'?"]


def test_an_entry_that_is_told_plain_values_is_held_against_its_function() -> None:
    def entry(runs: str | list[str], images: PositiveInt = 10) -> None: ...

    def told(config: dict[str, Any]) -> list[str]:
        return problems(OmegaConf.create(config), {"runs", "images"}, takes=entry)

    assert told({"runs": ["a", "b"], "images": 1}) == []
    assert told({"runs": 3, "images": 0, "imges": 2}) == [
        "imges=2: unknown key 'imges'; did you mean 'images'?",
        "runs=3: expected a text or a list of texts",
        "images=0: expected a whole number greater than 0",
    ]
    assert told({"runs": "???"}) == ["runs=???: a value must be given"]


def test_a_value_that_follows_another_is_not_told_beside_it() -> None:
    following = node(Model, latent_dim="${model.latent_dim}")
    config = {"model": node(Model, latent_dim=0), "other": following, "x": node(Open, a="b")}
    assert [problem.split("=")[0] for problem in found(config)] == ["model.latent_dim", "x.a"]
    assert len(found({"a": "${b}", "b": "${a}"})) == 2


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["seed=-1"], "seed=-1: expected a whole number of at least 0"),
        (["compile=3"], "compile=3: expected true or false"),
        (["~callbacks"], "callbacks is missing: expected a mapping to Callbacks or null"),
        (["~loss"], "loss is missing: expected a node that builds ReconstructionLoss"),
        (["callbacks.samples=5"], "callbacks.samples=5: expected a node that builds Callback or null"),
        (["~model._target_"], "expected a node that builds ReconstructionModule"),
        (
            ["model._target_=src.losses.SquaredError", "~model.latent_dim", "~model.code_activation"],
            "builds ReconstructionMod",
        ),
        (["regularizer=l1", "regularizer.l1=3"], "regularizer.l1=3: expected a node that builds Regularizer or null"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_parts_of_a_run_are_what_they_must_be(typed: list[str], message: str) -> None:
    (problem,) = problems(compose_config([*typed, "folder=here"]), top_level_keys("train"), takes=Run)
    assert message in problem


def test_all_problems_are_told_at_once() -> None:
    cfg = OmegaConf.create({"sed": 1, "model": node(Model, latent_dim=0, optimizer=node(Term, weight="x", b=1))})
    with pytest.raises(UserError) as error:
        validate(cfg)
    lines = str(error.value).splitlines()
    assert [line.split("=")[0] for line in lines] == [
        "sed",
        "model.optimizer.weight",
        "model.optimizer.b",
        "model.latent_dim",
    ]


def test_lightning_and_torch_signatures_can_be_read() -> None:
    trainer = {"_target_": "lightning.pytorch.Trainer", "max_epochs": 1000.0, "precision": "bf17", "max_steps": -1}
    adam = {"_target_": "torch.optim.Adam", "_partial_": True, "lr": 1, "betas": [0.9, 0.99], "weight_decy": 0}
    epochs, precision, decay = found({"trainer": trainer, "optimizer": adam})
    assert epochs == "trainer.max_epochs=1000.0: expected a whole number or null"
    assert "bf16-mixed" in precision
    assert precision.endswith("did you mean 'bf16'?")
    assert decay.endswith("did you mean 'optimizer.weight_decay'?")


@pytest.mark.parametrize(
    ("trainer", "n_gpus", "words"),
    [
        ({"accelerator": "gpu"}, 0, "No GPU was found on this machine; use accelerator=cpu or accelerator=auto"),
        ({"accelerator": "cuda", "devices": 1}, 0, "No GPU was found"),
        ({"accelerator": "gpu", "devices": 4}, 1, "trainer.devices=4: this machine has 1 GPU;"),
        ({"accelerator": "auto", "devices": "0,2"}, 2, "trainer.devices=0,2: this machine has 2 GPUs;"),
        ({"accelerator": "gpu", "devices": [0, 1]}, 2, None),
        ({"accelerator": "gpu", "devices": -1}, 2, None),
        ({"accelerator": "gpu", "devices": "auto"}, 1, None),
        ({"accelerator": "auto", "devices": 4}, 0, None),
        ({"accelerator": "cpu", "devices": 4}, 0, None),
        (None, 0, None),
    ],
)
def test_devices_that_are_not_there(trainer: Any, n_gpus: int, words: str | None, monkeypatch: Any) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: n_gpus)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    messages = list(missing_devices(trainer))
    assert len(messages) == (words is not None)
    assert words is None or words in messages[0]


def test_what_the_program_supplies_is_no_dial() -> None:
    takes = signature(Model)
    assert takes is not None
    assert takes.supplied == {"loss"}
    assert set(takes.parameters) == {"latent_dim", "terms", "optimizer", "odd_default"}
    assert not takes.takes_anything


def test_locating_imports_only() -> None:
    assert locate(f"{__name__}.Model") is Model
    assert locate("torch.optim.Adam") is torch.optim.Adam
    with pytest.raises(LookupError, match=r"did you mean 'torch\.optim\.Adam'"):
        locate("torch.optim.Adm")


def test_resolution_leaves_what_fails_as_it_is_written() -> None:
    plain = resolved(OmegaConf.create({"a": "${b}", "b": [1, "???"], "c": {"d": "${nowhere}"}}))
    assert plain["b"][0] == plain["a"][0] == 1
    assert isinstance(plain["b"][1], Unresolved)
    assert str(plain["c"]["d"]) == "${nowhere}"


def test_keys_and_groups_of_an_entry(tmp_path: Path) -> None:
    (tmp_path / "entry.yaml").write_text(
        "defaults:\n  - _self_\n  - model: vae\n  - optional debug: null\n  - override hydra/job_logging: none\n"
        "  - /network@model.encoder: mlp\nseed: 3\n"
    )
    assert top_level_keys("entry", tmp_path) == {"model", "debug", "hydra", "seed"}
    (tmp_path / "regularizer").mkdir()
    (tmp_path / "regularizer" / "l1.yaml").write_text("# @package regularizer.l1\nweight: 1\n")
    (tmp_path / "regularizer" / "none.yaml").write_text("{}\n")
    assert stacked_options("regularizer", tmp_path) == ["l1"]
