"""What stands in conf/: its folder, its groups and the keys that an entry's config may have at the top."""

from pathlib import Path

from omegaconf import DictConfig, ListConfig, OmegaConf

CONF = Path(__file__).resolve().parent.parent.parent / "conf"
"""Absolute, because a path relative to the caller fails from an import or a console script."""


def groups(folder: Path = CONF) -> list[str]:
    """The config groups: every folder with YAML files in it, as Hydra names them ("model", "data/corruption").

    Hydra's own (`hydra/launcher`) are left out: they say how runs are started, not what a run is.
    """
    names = {file.parent.relative_to(folder).as_posix() for file in folder.glob("*/**/*.yaml")}
    return sorted(name for name in names if not name.startswith("hydra/"))


def stacked_options(group: str, folder: Path = CONF) -> list[str]:
    """The options of a group that each own a key, e.g. `regularizer.l1` (`# @package regularizer.l1`)."""
    files = (folder / group).glob("*.yaml")
    return sorted(file.stem for file in files if f"@package {group}.{file.stem}\n" in file.read_text(encoding="utf-8"))


def described(group: str, folder: Path = CONF) -> str:
    """One line an option: its name, and the first comment of its file that is not for Hydra."""
    lines = []
    for file in sorted((folder / group).glob("*.yaml")):
        comments = (line[1:].strip() for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
        lines.append(f"  {file.stem:<16}{next((c for c in comments if not c.startswith('@')), '')}")
    return "\n".join(lines)


def top_level_keys(entry: str, folder: Path = CONF) -> set[str]:
    """The keys that `<entry>.yaml` writes itself, and those its defaults list fills.

    A composed config says nothing about where a key came from, and Hydra lets an experiment file add any key in
    silence; this is the list that a misspelt one is held against.
    """
    config = OmegaConf.load(folder / f"{entry}.yaml")
    assert isinstance(config, DictConfig), f"{entry}.yaml is not a mapping"
    defaults = config.pop("defaults", ListConfig([]))
    return {str(key) for key in config} | {_package(str(key)) for item in defaults if item != "_self_" for key in item}


def _package(default: str) -> str:
    """The top-level key that one item of a defaults list fills: "optional /network@model.network" -> "model"."""
    group = default.split()[-1].lstrip("/")
    return group.split("@")[-1].replace("/", ".").split(".")[0]
