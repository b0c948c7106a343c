"""The run folder: what is written can be read again, and what a stranger wrote runs nothing."""

import json
import math
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from src.configuration.leaves import walk
from src.configuration.saved import known_targets
from src.errors import UserError
from src.metrics import ReconstructionFigures
from src.run_folder import RunFolder, open_run, write_atomically
from tests.conftest import ALONE, TINY, compose_config, run

Change = Callable[[dict[str, Any], str], None]


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> RunFolder:
    """A copy of a finished run, to be damaged."""
    return RunFolder(shutil.copytree(trained, tmp_path / "run"))


def refusal(folder: RunFolder, checkpoint: str = "best") -> str:
    with pytest.raises(UserError) as error:
        open_run(folder.path, checkpoint)
    return str(error.value)


# Writing --------------------------------------------------------------------------------------------------------------


def test_a_summary_is_json_whose_numbers_are_finite_or_null(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "new" / "run")
    folder.write_summary({"status": "finished", "a": 1.5, "b": math.nan, "c": math.inf, "d": -math.inf, "e": None})
    text = (folder.path / "summary.json").read_text()
    expected = {"status": "finished", "a": 1.5, "b": None, "c": None, "d": None, "e": None}
    assert json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")) == expected
    assert folder.summary() == expected


def test_a_folder_without_a_summary_has_an_empty_one(tmp_path: Path) -> None:
    assert RunFolder(tmp_path).summary() == {}


def test_a_file_is_replaced_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, "old")

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            write_atomically(path, "new")
    assert path.read_text() == "old"
    write_atomically(path, "new")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_the_config_is_saved_resolved_and_without_what_belongs_to_this_machine(tmp_path: Path) -> None:
    cfg = compose_config(["logger=[wandb,tensorboard]", "data.shape=[1,9,9]", "seed=7"])
    cfg.folder = str(tmp_path / "somewhere")
    folder = RunFolder(tmp_path / "run")
    folder.save_config(cfg, ["seed=7", "a='b c'"])
    text = folder.config_file.read_text()
    assert "${" not in text
    assert "somewhere" not in text
    saved = folder.config()
    assert saved.seed == saved.data.seed == 7
    assert not {"folder", "resume"} & set(saved)
    assert folder.overrides() == ["seed=7", "a='b c'"]


def test_a_run_leaves_its_files(trained: Path) -> None:
    summary = RunFolder(trained).summary()
    assert summary["status"] == "finished"
    assert summary["train/epochs"] == 1
    assert summary["model/name"] == "VariationalAutoencoder"
    for name in (".hydra/config.yaml", ".hydra/overrides.yaml", "checkpoints/best.ckpt", "checkpoints/last.ckpt"):
        assert (trained / name).is_file()
    assert (trained / "metrics.csv").read_text().count("\n") == 2


# Opening --------------------------------------------------------------------------------------------------------------


def test_a_reopened_run_gives_the_figures_that_it_was_tested_with(trained: Path) -> None:
    opened = open_run(trained)
    opened.data.setup("test")
    figures = ReconstructionFigures((1, 8, 8), (0.0, 1.0))
    with torch.inference_mode():
        for batch in opened.data.test_dataloader():
            figures.update(opened.model.image(opened.model.decode(opened.model.encode(batch.x).z)), batch.x)
    summary = RunFolder(trained).summary()
    assert not opened.model.training
    for name, value in figures.compute().items():
        assert float(value) == pytest.approx(summary[f"test/{name}"], rel=1e-6)


def test_both_checkpoints_can_be_opened_as_they_were_saved(trained: Path) -> None:
    for name in ("best", "last"):
        saved = torch.load(trained / "checkpoints" / f"{name}.ckpt", weights_only=True)["state_dict"]
        opened = open_run(trained, name).model.state_dict()
        assert saved.keys() == opened.keys()
        assert all(torch.equal(saved[key], opened[key]) for key in saved)


def test_the_sampled_pass_outside_training_is_the_same_each_time(trained: Path) -> None:
    first, second = open_run(trained), open_run(trained)
    first.data.setup("test")
    batch = next(iter(first.data.test_dataloader()))
    a, b = first.model(batch), second.model(batch)
    assert torch.equal(a.raw, b.raw)
    assert not torch.equal(a.code.z, a.code.mean)  # it was drawn


def test_a_run_with_everything_switched_off_can_be_opened_too(tmp_path: Path) -> None:
    off = ("early_stopping", "reconstructions", "loss_breakdown", "learning_rate")
    run(tmp_path, "model=linear", *TINY, *(f"callbacks.{name}=null" for name in off))
    assert type(open_run(tmp_path).model).__name__ == "LinearAutoencoder"
    assert RunFolder(tmp_path).overrides()[: len(ALONE)] == ALONE


# A stranger's folder --------------------------------------------------------------------------------------------------


def set_at(*path: Any) -> Change:
    """Put the strange target at a place of the config."""

    def change(config: dict[str, Any], target: str) -> None:
        node: Any = config
        for key in path:
            node = node[key]
        node["_target_"] = target

    return change


def within(**node: Any) -> Change:
    """Put a node with the strange target somewhere inside the model's."""

    def change(config: dict[str, Any], target: str) -> None:
        def filled(value: Any) -> Any:
            if value == "TARGET":
                return target
            if isinstance(value, dict):
                return {k: filled(v) for k, v in value.items()}
            return [filled(v) for v in value] if isinstance(value, list) else value

        config["model"] |= filled(node)

    return change


PLACES = {
    "the model": set_at("model"),
    "the network": set_at("network"),
    "the data": set_at("data"),
    "the optimizer": set_at("optimizer"),
    "a callback": set_at("callbacks", "last_checkpoint"),
    "the trainer": set_at("trainer"),
    "a parameter": within(latent_dim={"_target_": "TARGET", "_args_": ["touch MARK"]}),
    "a list": within(more=[1, [{"_target_": "TARGET"}]]),
    "_args_": within(_args_=[{"_target_": "TARGET", "_args_": ["touch MARK"]}]),
    "a partial": within(beta={"_target_": "TARGET", "_partial_": True}),
    "deep down": within(a={"b": {"c": [{"d": {"_target_": "TARGET"}}]}}),
}
TARGETS = ["torch.load", "os.system", "builtins.eval", "src.models.VariationalAutoencoder.load_from_checkpoint"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("target", TARGETS)
def test_only_what_stands_in_conf_is_built(folder: RunFolder, target: str, place: str) -> None:
    config = yaml.safe_load(folder.config_file.read_text())
    PLACES[place](config, target)
    folder.config_file.write_text(yaml.safe_dump(config))
    assert f"_target_={target} is not built by any file of conf/" in refusal(folder)


@pytest.mark.parametrize(
    "target", [["os.system"], {"a": "os.system"}, None, 3, "", "src.models.VariationalAutoencoder "]
)
def test_a_target_that_is_no_such_name_is_refused(folder: RunFolder, target: Any) -> None:
    config = yaml.safe_load(folder.config_file.read_text())
    config["model"]["_target_"] = target
    folder.config_file.write_text(yaml.safe_dump(config))
    assert "_target_" in refusal(folder)


@pytest.mark.parametrize("value", ["${oc.env:HOME}", "a${seed}", "${oc.create:{a:1}}"])
def test_an_interpolation_is_refused(folder: RunFolder, value: str) -> None:
    config = yaml.safe_load(folder.config_file.read_text())
    config["data"]["limit"] = value
    folder.config_file.write_text(yaml.safe_dump(config))
    assert refusal(folder) == f"{folder.config_file}: data.limit={value} is an interpolation; a saved config has none"


def test_the_targets_of_conf_are_known_and_no_others() -> None:
    assert {"src.models.VariationalAutoencoder", "torch.optim.Adam"} <= known_targets()
    assert not known_targets() & {"torch.load", "os.system", "hydra.utils.instantiate", "builtins.eval"}
    assert all(target.startswith(("src.", "torch.optim.", "lightning.pytorch.")) for target in known_targets())


class Evil:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def test_a_pickled_object_in_a_checkpoint_is_not_brought_to_life(folder: RunFolder, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    checkpoint = torch.load(folder.best, weights_only=True)
    torch.save(checkpoint | {"extra": Evil(mark)}, folder.best)
    assert f"the checkpoint {folder.best} is damaged or no checkpoint" in refusal(folder)
    folder.best.write_bytes(pickle.dumps(Evil(mark)))
    assert f"the checkpoint {folder.best} is damaged or no checkpoint" in refusal(folder)
    assert not mark.exists()
    pickle.loads(folder.best.read_bytes())
    assert mark.exists()  # so it would have been


# Damage ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.3, 0.95])
def test_a_checkpoint_that_was_cut_short_is_named(folder: RunFolder, share: float) -> None:
    whole = folder.last.read_bytes()
    folder.last.write_bytes(whole[: int(share * len(whole))])
    assert f"the checkpoint {folder.last} is damaged or no checkpoint of Hourglass: " in refusal(folder, "last")


@pytest.mark.parametrize("content", [{}, {"state_dict": None}, {"state_dict": {"a": 3}}, {"state_dict": [1]}, [1], 3])
def test_a_file_of_torch_that_is_no_checkpoint_is_named(folder: RunFolder, content: Any) -> None:
    torch.save(content, folder.best)
    assert f"the checkpoint {folder.best} is damaged or no checkpoint of Hourglass" in refusal(folder)


def test_a_checkpoint_that_is_not_there_is_named(folder: RunFolder) -> None:
    folder.best.unlink()
    assert refusal(folder) == f"there is no checkpoint {folder.best}; the run may have ended before it wrote one"


def test_a_checkpoint_of_another_model_says_where_they_differ(folder: RunFolder) -> None:
    config = yaml.safe_load(folder.config_file.read_text())
    config["model"]["latent_dim"] = 3
    folder.config_file.write_text(yaml.safe_dump(config))
    message = refusal(folder)
    assert "belongs to another model than VariationalAutoencoder as configured" in message
    assert "it has [4, 256], the model [6, 256]" in message


@pytest.mark.parametrize("surplus", ["in the checkpoint", "in the model"])
def test_a_parameter_that_only_one_side_has_is_named(folder: RunFolder, surplus: str) -> None:
    checkpoint = torch.load(folder.best, weights_only=True)
    key = list(checkpoint["state_dict"])[-1]
    if surplus == "in the checkpoint":
        checkpoint["state_dict"]["more"] = torch.zeros(3)
    else:
        del checkpoint["state_dict"][key]
    torch.save(checkpoint, folder.best)
    expected = (
        "at 'more' it has [3], the model nothing" if surplus == "in the checkpoint" else f"at '{key}' it has nothing"
    )
    assert expected in refusal(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: [1",
        "\0\1\2",
        "- 1\n- 2",
        "just words",
        "model: null",
        "model: 3\ndata: 4",
        "!!python/object:os.system {}",
        "a: &a [1, 2]\nb: [*a, *a]",
    ],
)
def test_a_damaged_config_is_named(folder: RunFolder, text: str) -> None:
    folder.config_file.write_text(text)
    assert str(folder.config_file) in refusal(folder)


def test_a_config_that_is_not_text_is_named(folder: RunFolder) -> None:
    folder.config_file.write_bytes(b"\xff\xfe\xfa")
    assert str(folder.config_file) in refusal(folder)


def test_a_config_with_a_wrong_value_is_answered_like_a_typed_one(folder: RunFolder) -> None:
    config = yaml.safe_load(folder.config_file.read_text())
    config["model"]["latent_dim"] = "abc"
    folder.config_file.write_text(yaml.safe_dump(config))
    assert "model.latent_dim=abc: expected a whole number greater than 0" in refusal(folder)


@pytest.mark.parametrize("text", ["a: 1", "[1", "words"])
def test_damaged_overrides_are_named(folder: RunFolder, text: str) -> None:
    folder.overrides_file.write_text(text)
    with pytest.raises(UserError) as error:
        folder.overrides()
    assert str(folder.overrides_file) in str(error.value)


@pytest.mark.parametrize("text", ["", "{", '{"a": 1', "[1]", "\0", "[" * 100_000])
def test_a_damaged_summary_is_named(folder: RunFolder, text: str) -> None:
    (folder.path / "summary.json").write_text(text)
    with pytest.raises(UserError) as error:
        folder.summary()
    assert f"{folder.path / 'summary.json'} is damaged" in str(error.value)


def test_what_is_no_run_folder_is_told(tmp_path: Path) -> None:
    assert refusal(RunFolder(tmp_path / "none")).startswith(f"there is no folder {tmp_path / 'none'}")
    assert refusal(RunFolder(tmp_path)).startswith(f"{tmp_path} is no run folder")
    (tmp_path / "file").write_text("")
    assert refusal(RunFolder(tmp_path / "file")).startswith("there is no folder")


def test_a_walk_visits_every_leaf_with_its_key() -> None:
    assert dict(walk({"a": {"b": [1, {"c": 2}]}, "d": None})) == {"a.b.0": 1, "a.b.1.c": 2, "d": None}
