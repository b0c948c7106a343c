"""The README names what is there, and all of it: variants, options, keys, files, refusals and messages."""

import argparse
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from omegaconf import DictConfig, OmegaConf

from src.build import build_model
from src.configuration.files import CONF, groups
from src.configuration.signatures import locate
from src.errors import UserError
from tests.conftest import compose_config
from tests.test_readme import README, ROOT, blocks

EVERYTHING = [
    "regularizer=[l1,l2,kl_sparsity,contractive,gradient_penalty,mmd,total_correlation]",
    "corruption=[gaussian,masking,salt_and_pepper]",
    "logger=[wandb,tensorboard]",
    "loss=gaussian",
]


REFUSED = (ROOT / "docs" / "composing.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the first table of a text, without its head."""
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    lines = tables[0].strip().splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]


def spans(text: str) -> list[str]:
    """What stands between backticks, with the bars of a table as they are meant."""
    return [span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", text)]


def options(group: str) -> set[str]:
    return {file.stem for file in (CONF / group).glob("*.yaml")}


def has(config: Any, key: str) -> bool:
    for name in key.split("."):
        if not isinstance(config, DictConfig) or name not in config:
            return False
        config = config._get_node(name)
    return True


def test_every_variant_stands_in_the_table_with_its_class_and_its_paper() -> None:
    table = {spans(config)[0]: (spans(name)[0], paper) for config, name, _, paper, _ in rows(section("Variants"))}
    assert set(table) == options("model")
    for config, (name, paper) in table.items():
        target = str(OmegaConf.load(CONF / "model" / f"{config}.yaml").model["_target_"])
        doc = inspect.getdoc(locate(target)) or ""
        assert target.endswith(f".{name}")
        assert re.findall(r"[A-Z]\w+", paper)[0] in doc
        assert all(year in doc for year in re.findall(r"\b(?:19|20)\d\d\b", paper))


def test_every_group_stands_in_the_table_with_all_of_its_options() -> None:
    table = {spans(group)[0]: set(spans(named)) for group, named, _ in rows(section("Groups"))}
    assert set(table) == set(groups()) - {"model"}
    assert table == {group: options(group) for group in table}


def test_every_key_that_the_readme_names_is_in_a_config() -> None:
    written = spans(re.sub(r"```.*?```", "", README, flags=re.DOTALL)) + [
        word for block in blocks("bash") if "model=tanh" not in block for word in block.split()
    ]
    keys = {m[1] for span in " ".join(written).split() if (m := re.match(r"['\"]?([a-z]\w*(?:\.\w+)+)=", span))}
    models = [
        ["model=stacked"],
        ["model=vae"],
        ["model=sparse", "network=conv"],
        ["data=mnist"],
        ["model=aae"],
        ["model=gan"],
    ]
    configs = [compose_config([*model, *EVERYTHING]) for model in models]
    missing = {key for key in keys if not any(has(config, key) for config in configs)}
    assert len(keys) > 15
    assert missing == {"hydra.run.dir", "hydra.sweeper.n_trials"}  # Hydra's own
    dials = ["network.hidden", "network.channels", "network.activation", "network.dropout", "optimizer.lr"]
    assert [key for key in dials if key not in spans(README) or not any(has(c, key) for c in configs)] == []


@pytest.mark.parametrize("combination", [s for row in rows(REFUSED) for s in spans(row[0]) if " " in s])
def test_a_combination_that_is_said_to_be_refused_is_refused(combination: str) -> None:
    with pytest.raises(UserError, match=r"[Uu]se |Add |Leave out "):
        build_model(compose_config([*combination.split(), "logger=none"]))


def test_the_map_lists_every_file_of_src_and_nothing_else() -> None:
    lines = blocks("text", section("Map of files"))[0].splitlines()
    inside = {line.split()[0] for line in lines if line.startswith("  ")}
    there = {f"{path.name}/" if path.is_dir() else path.name for path in (ROOT / "src").iterdir()}
    assert inside == there - {"__init__.py", "__pycache__/"}
    outside = [line.split()[0] for line in lines if not line.startswith("  ")]
    assert [
        name for name in outside if not (ROOT / name).exists() or name.endswith("/") != (ROOT / name).is_dir()
    ] == []
    assert {"src/", "conf/", "tests/", "benchmarks/"} <= set(outside)


def test_every_message_in_the_table_is_one_that_the_program_can_say() -> None:
    program = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "src").rglob("*.py")))
    program = re.sub(r'"\s*\n\s*f?"', "", program).replace("{_FULL_ERROR}", "HYDRA_FULL_ERROR")
    program += inspect.getsource(argparse)  # flags are its business
    said = [span for message, _ in rows(section("What the errors mean")) for span in spans(message)]
    pieces = [piece.strip() for span in said for piece in span.split("...") if piece.strip()]
    assert len(pieces) > 20
    assert [piece for piece in pieces if piece not in program] == []


def test_what_the_readme_links_to_is_there_and_its_picture_is_small() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert [link for link in links if not (ROOT / link).is_file()] == []
    pictures = [Path(link) for link in links if link.endswith(".png")]
    assert pictures
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)
    assert len(README.splitlines()) < 400


def test_the_files_of_a_run_folder_are_those_of_the_readme(trained: Path) -> None:
    listed = [line.split()[0] for line in blocks("text", section("The run folder"))[0].splitlines()]
    assert [name for name in listed if name != "wandb/" and not (trained / name).exists()] == []
    assert {path.name.rstrip("/") for path in trained.iterdir()} <= {name.rstrip("/") for name in listed}
