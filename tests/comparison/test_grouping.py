"""Which runs are one variant, what variants are called, and which runs do not compare."""

from pathlib import Path
from typing import Any

import pytest

from src.comparison.grouping import same_data, variants
from src.comparison.records import Run
from src.errors import UserError
from tests.comparison.run_folders import config


def made(model: str = "vae", seed: int = 0, typed: tuple[str, ...] | None = None, **settings: Any) -> Run:
    folder = Path(f"{model}-{seed}-{'-'.join(map(str, settings.values()))}")
    overrides = (f"model={model}", f"seed={seed}") if typed is None else typed
    return Run(folder, seed, config(model, seed, **settings), overrides, {}, {}, {}, {})


def names(*runs: Run) -> list[str]:
    return [variant.name for variant in variants(runs)[0]]


def test_runs_that_differ_in_the_seed_alone_are_one_variant() -> None:
    found, left_out = variants(
        [made(seed=1), made("undercomplete", seed=1), made(seed=2), made("undercomplete", seed=2)]
    )
    assert [(variant.name, [run.seed for run in variant.runs]) for variant in found] == [
        ("vae", [1, 2]),
        ("undercomplete", [1, 2]),
    ]
    assert left_out == []


def test_what_only_watches_makes_no_variant() -> None:
    watched = made(seed=2, logger__wandb={"tags": ["x"]}, callbacks__progress=None, data__root="/elsewhere")
    assert names(made(seed=1), watched) == ["vae"]


def test_a_number_means_the_same_however_it_is_written() -> None:
    assert names(made(seed=1, model__beta=4), made(seed=2, model__beta=4.0)) == ["vae"]


def test_settings_tell_variants_of_one_model_apart() -> None:
    assert names(made(model__beta=1), made(model__beta=4), made("undercomplete")) == [
        "vae, beta=1",
        "vae, beta=4",
        "undercomplete",
    ]


def test_only_what_tells_them_apart_is_named_but_what_was_typed_always_is() -> None:
    one, two = {"model__beta": 1, "optimizer__lr": 0.1}, {"model__beta": 4, "optimizer__lr": 0.2}
    assert names(made(**one), made(**two)) == ["vae, beta=1", "vae, beta=4"]
    typed = [("model=vae", f"model.beta={b}", f"optimizer.lr={lr}") for b, lr in ((1, 0.1), (4, 0.2))]
    assert names(made(typed=typed[0], **one), made(typed=typed[1], **two)) == [
        "vae, beta=1, lr=0.1",
        "vae, beta=4, lr=0.2",
    ]


def test_another_choice_of_a_group_is_named_by_what_was_typed() -> None:
    conv = made(typed=("model=vae", "network=conv"), network={"_target_": "src.networks.ConvNetwork", "channels": [8]})
    assert names(made(), conv) == ["vae, network=MlpNetwork", "vae, network=conv"]


def test_a_part_that_only_one_variant_has_is_named_there() -> None:
    penalised = made(regularizer__l1={"_target_": "src.regularizers.L1Activity", "weight": 0.1})
    assert names(made(), penalised) == ["vae", "vae, l1=L1Activity"]


def test_keys_that_end_alike_are_told_apart() -> None:
    a, b = made(model__weight=1, loss__weight=1), made(model__weight=1, loss__weight=2)
    c = made(model__weight=2, loss__weight=1)
    assert names(a, b, c) == [
        "vae, model.weight=1, loss.weight=1",
        "vae, model.weight=1, loss.weight=2",
        "vae, model.weight=2, loss.weight=1",
    ]


def test_a_run_without_a_typed_model_is_named_by_its_class_or_preset() -> None:
    assert names(made(typed=()), made(typed=("experiment=kl_warmup",), model__beta=3)) == [
        "VariationalAutoencoder",
        "kl_warmup",
    ]


def test_two_runs_of_one_name_and_seed_are_one_and_the_other_is_told() -> None:
    first, last = made(seed=1), made(seed=1, data__root="/elsewhere")
    found, left_out = variants([first, last])
    assert [run.folder for run in found[0].runs] == [last.folder]
    assert left_out == [
        (first.folder, f"has the settings and the seed of {last.folder}, which is compared in its place")
    ]


def test_names_are_different_whatever_was_typed() -> None:
    close = [made(model__beta=0.1234567, typed=("model=vae",)), made(model__beta=0.12345671, typed=("model=vae",))]
    assert names(*close) == ["vae", "vae (2)"]
    posing = made("undercomplete", typed=("model=vae, beta=1",))
    assert names(made(model__beta=1), made(model__beta=2), posing) == ["vae, beta=1", "vae, beta=2", "vae, beta=1 (2)"]


def test_settings_hold_what_differs_and_nothing_else() -> None:
    found, _ = variants([made(model__beta=1), made(model__beta=4)])
    assert [variant.settings for variant in found] == [{"model.beta": 1}, {"model.beta": 4}]


def test_runs_on_different_data_are_refused_with_a_way_out() -> None:
    runs = [made(seed=1), made(seed=2, data__split_seed=7)]
    with pytest.raises(UserError) as error:
        same_data(runs)
    assert "2 different data" in str(error.value)
    assert "Digits data.split_seed=7: vae-2-7" in str(error.value)
    assert "'runs=[vae-1-]'" in str(error.value)


def test_another_place_of_the_same_data_is_the_same_but_other_own_files_are_not() -> None:
    same_data([made(data__root="/a", data__batch_size=1), made(data__root="/b", data__batch_size=2)])
    with pytest.raises(UserError, match="data.root=/b"):
        same_data([made(data___target_="src.data.Table", data__root=root) for root in ("/a", "/b")])
