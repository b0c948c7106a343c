"""What is wrong with what was typed, in one sentence with the way out. (Hydra's own advice is to append with `+`.)"""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from src.configuration.files import groups, stacked_options
from src.configuration.signatures import locate, signature
from src.configuration.wording import did_you_mean
from src.errors import UserError


def unreadable(override: str) -> str:
    """An override that Hydra's grammar cannot read: nearly always a text with spaces, brackets or commas in it."""
    key, equals, value = override.partition("=")
    if not equals:
        return (
            f"cannot read '{override}': options are typed as key=value, and a value with spaces "
            f"needs two kinds of quotes, as in {_quoted('data.root', 'My Pictures')}"
        )
    return f"cannot read '{override}': spaces, brackets and commas need quotes; type {_quoted(key, value)}"


def ambiguous(override: str) -> str:
    """A comma outside a sweep."""
    key, _, value = override.partition("=")
    return (
        f"'{override}' has a comma: to run each in turn add -m, as a list type '{key}=[{value}]', "
        f"as one text {_quoted(key, value)}"
    )


def no_such_option(path: str, known: Sequence[str]) -> str:
    """`path` is group/option, `known` the options of the group."""
    group, _, option = path.rpartition("/")
    near = did_you_mean(option, known)
    return f"no {group or 'config'} '{option}'{near or ';'} choices: {', '.join(known)}"


def no_name(typed: Iterable[str], config_dir: Path) -> str:
    """A group that is given null or a number where the name of one of its files belongs; `typed` is searched for it."""
    for override in typed:
        group, _, value = override.partition("=")
        names = sorted(file.stem for file in (config_dir / group.lstrip("+~")).glob("*.yaml"))
        if names and not set(value.strip("[]").replace(" ", "").split(",")) <= set(names):
            return f"{override}: expected one of {', '.join(names)}"
    return "a group was given something else than the name of one of its files"


def check_one_each(typed: Iterable[str], of_one: Iterable[str]) -> None:
    """Raise `UserError` at a list of names for a group of which a run has one: Hydra would merge them in silence."""
    for override in typed:
        group, _, value = override.partition("=")
        if group in of_one and value.startswith("[") and "," in value:
            names = value.strip("[]").replace(" ", "")
            raise UserError(f"{override}: a run has one option of {group}. To run each in turn: -m {group}={names}")


def no_such_group(group: str, where: str, config_dir: Path) -> str:
    """`where` is the file whose defaults list names the group."""
    return f"{where}: unknown group '{group}'{did_you_mean(group, groups(config_dir))}"


def no_such_key(key: str, parent: Any, override: str, config_dir: Path) -> str:
    """`key` is not in the composed config; `parent` is the node that lacks it, `override` what was typed."""
    *above, name = key.split(".")
    before = ".".join([*above, ""])
    node = parent if isinstance(parent, DictConfig) else None
    siblings = [str(sibling) for sibling in node or () if sibling != "hydra"]
    if len(above) == 1 and name in stacked_options(above[0], config_dir):
        return f"unknown key '{key}'; it is there once '{above[0]}={name}' is chosen"
    near = did_you_mean(name, [*siblings, *(groups(config_dir) if not above else [])], before)
    if near:
        return f"unknown key '{key}'{near}"
    dials = _dials(node) if siblings else []
    if name in dials:
        return f"'{key}' is not in the config yet; add it with +{override}"
    near = did_you_mean(name, dials, f"+{before}") or _elsewhere(key, node)
    return f"unknown key '{key}'{near}" + (f"; known here: {', '.join(siblings)}" if siblings and not near else "")


def _quoted(key: str, value: str) -> str:
    """The override as a shell must see it for Hydra to see a text."""
    text = value.strip("\"'").replace("\\", "\\\\").replace('"', '\\"')
    return shlex.quote(f'{key}="{text}"')


def _dials(node: Any) -> list[str]:
    """The parameters of what the node builds. This may import torch; by now there is nothing else to do."""
    try:
        takes = signature(locate(str(node["_target_"])))
    except Exception:
        return []
    return [name for name in takes.parameters if name not in takes.supplied] if takes else []


def _elsewhere(key: str, node: DictConfig | None) -> str:
    """`max_epochs` may be meant as `trainer.max_epochs`."""
    name = key.rpartition(".")[2]
    paths = [path for path in _paths(node._get_root()) if path.rpartition(".")[2] == name] if node else []
    return f"; did you mean '{paths[0]}'?" if paths else ""


def _paths(node: Any, before: str = "") -> Iterable[str]:
    """The dotted path of every key below the node, Hydra's own aside."""
    for name in node:
        if before or name != "hydra":
            yield f"{before}{name}"
            child = node._get_node(name)
            if isinstance(child, DictConfig) and not child._is_none() and not child._is_interpolation():
                yield from _paths(child, f"{before}{name}.")
