"""The config tree and the table of results."""

from typing import Any

import pytest
from omegaconf import OmegaConf
from rich.console import Console, RenderableType

from src.display import config_tree, result_table

CONFIG = OmegaConf.create(
    {
        "model": {"latent_dim": 3, "hidden": [128, 64], "name": "[bold]x"},
        "data": {"root": "${oc.env:HOME_OF_NOTHING}", "shape": [1, "${model.latent_dim}"], "lr": 0.0003},
        "network": {"encoder": {"depth": 2}},
        "folder": "???",
        "logger": {},
    }
)
SUMMARY = {
    "test/se": 1.23456,
    "baseline/pca_se": 2.0,
    "test/psnr": 20.0,
    "baseline/pca_psnr": 22.5,
    "test/ssim": 0.5,
    "baseline/pca_ssim": None,
    "train/seconds": 31.1234,
    "train/images_per_second": 12345.6,
    "model/parameters": 1234567,
    "model/code_size": 8,
}


def lines(renderable: RenderableType) -> list[str]:
    console = Console(width=120, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get().splitlines()


def has(text: list[str], end: str) -> bool:
    return any(line.rstrip().endswith(end) for line in text)


def test_the_tree_is_resolved_and_each_list_is_one_line() -> None:
    text = lines(config_tree(CONFIG))
    assert has(text, "── shape: [1, 3]")
    assert has(text, "── name: [bold]x")
    assert has(text, "── hidden: [128, 64]")
    assert has(text, "── folder: ???")
    assert not any("◀" in line for line in text)


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("model=vae", "── model ◀ model=vae"),
        ("model.latent_dim=3", "── latent_dim: 3 ◀"),
        ("+model.name=[bold]x", "── name: [bold]x ◀"),
        ("data.shape=[1,3]", "── shape: [1, 3] ◀"),
        ("network=deep", "── network ◀ network=deep"),
        ("logger=none", "── logger: {} ◀ logger=none"),
        ("data.lr=3e-4", "── lr: 0.0003 ◀ data.lr=3e-4"),
        ("network/encoder=deep", "── encoder ◀ network/encoder=deep"),
        ("experiment=seeds", "── experiment=seeds ◀"),
        ("~callbacks.early_stopping", "── ~callbacks.early_stopping ◀"),
    ],
)
def test_what_was_typed_is_marked(typed: str, marked: str) -> None:
    text = lines(config_tree(CONFIG, [typed]))
    assert has(text, marked)
    assert sum("◀" in line for line in text) == 1


def row(table: list[str], name: str) -> list[str]:
    return next(line for line in table if f" {name} " in line).replace("│", " ").split()


def test_the_table_marks_the_better_of_run_and_pca() -> None:
    table = lines(result_table(SUMMARY))
    assert any("this run" in line and "PCA-8" in line for line in table)
    assert row(table, "se") == ["se", "1.235", "*", "2"]
    assert row(table, "psnr") == ["psnr", "(dB)", "20", "22.5", "*"]
    assert row(table, "ssim") == ["ssim", "0.5", "-"]
    assert row(table, "parameters") == ["parameters", "1,234,567"]
    assert row(table, "images")[-1] == "12,346"
    assert not any(" mse " in line for line in table)


def test_a_likelihood_that_was_measured_is_in_the_table() -> None:
    assert row(lines(result_table({"test/log_likelihood": -88.456})), "log") == ["log", "p(x)", "(nats)", "-88.46"]
    assert not any("log p(x)" in line for line in lines(result_table({})))


@pytest.mark.parametrize("summary", [{}, {"test/se": None}, {"test/se": float("nan"), "baseline/pca_se": 1.0}])
def test_the_table_stands_whatever_is_missing(summary: dict[str, Any]) -> None:
    assert any("this run" in line for line in lines(result_table(summary)))


def test_a_run_that_cannot_be_compared_has_no_column_for_it() -> None:
    table = lines(result_table({"train/seconds": 3.0, "model/code_size": 8}))
    assert not any("PCA" in line for line in table)
    assert row(table, "seconds") == ["seconds", "3.0"]
