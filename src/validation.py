"""A composed config held against the signatures it will build, before anything is built.

Types, ranges and choices are written once, in the constructors' annotations; the config is only read. All problems are
found at once, because a user who mends one at a time starts the program as often as there are mistakes.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from omegaconf import DictConfig, OmegaConf

from src.configuration.annotations import StandIn, choices, described, fits, mapped_to
from src.configuration.files import top_level_keys
from src.configuration.hardware import missing_devices
from src.configuration.leaves import walk
from src.configuration.resolution import Unresolved, resolved
from src.configuration.signatures import UNKNOWN, Parameter, Signature, locate, signature
from src.configuration.wording import did_you_mean, shown
from src.errors import UserError

_HYDRA_KEYS = frozenset({"_target_", "_partial_", "_args_", "_convert_", "_recursive_"})
_UNREADABLE = Unresolved("", "")
"""Stands for what a node builds where that cannot be told; the reason is reported once, not again at its parent."""


def validate(
    cfg: DictConfig, entry: str = "train", devices: bool = True, takes: Callable[..., Any] | None = None
) -> None:
    """Raise one UserError that lists every problem of the config of `conf/<entry>.yaml`, one on a line.

    `devices` asks whether the devices that it wants are there, too. `takes` is a function or class whose parameters are
    the keys at the top.
    """
    found = problems(cfg, top_level_keys(entry), devices, takes)
    if found:
        raise UserError("\n".join(found))


def problems(
    cfg: DictConfig, known: set[str], devices: bool = True, takes: Callable[..., Any] | None = None
) -> list[str]:
    """Every problem of the config, each as `key=value: what is expected`; `known` are its keys at the top."""
    seen = _Walk()
    plain = resolved(cfg)
    for key in plain:
        if key not in known:
            seen.found.append(f"{key}={shown(plain[key])}: unknown key '{key}'{did_you_mean(str(key), known)}")
    parts = seen.built(plain, "")
    if takes is not None and (parameters := signature(takes)) is not None:
        own = {key: part for key, part in parts.items() if key in parameters.parameters}
        seen.found += _argument_problems(plain, own, parameters, "")
    found = _told_at_their_source(seen.found, cfg)
    return [*found, *(missing_devices(plain.get("trainer")) if devices else ())]


def _told_at_their_source(found: list[str], cfg: DictConfig) -> list[str]:
    """Without the problems of `data.seed: ${seed}` and its like where `seed` itself has one."""
    if len(found) < 2:
        return found
    raw = dict(walk(OmegaConf.to_container(cfg)))
    keys = {problem.partition("=")[0] for problem in found}
    left = [problem for problem in found if raw.get(problem.partition("=")[0]) not in {f"${{{key}}}" for key in keys}]
    return left or found  # two that follow each other


class _Walk:
    """One pass over a config, in which problems are collected."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def built(self, value: Any, key: str) -> Any:
        """The value with a stand-in for each node; every node in it is checked on the way."""
        if isinstance(value, list):
            return [self.built(item, f"{key}[{i}]") for i, item in enumerate(value)]
        if isinstance(value, Unresolved):
            self.found.append(f"{key}={value}: {value.why}")
        if not isinstance(value, dict):
            return value
        parts = {name: self.built(item, _join(key, name)) for name, item in value.items()}
        return self._node(value, parts, key) if "_target_" in value else parts

    def _node(self, node: dict[str, Any], parts: dict[str, Any], key: str) -> Any:
        """Check one node; `parts` are its values with stand-ins. Returns a stand-in for what it builds."""
        try:
            target = locate(str(node["_target_"]))
        except LookupError as error:
            self.found.append(f"{_join(key, '_target_')}={node['_target_']}: {error}")
            return _UNREADABLE
        takes = signature(target) if callable(target) else None
        if takes is not None:
            arguments = parts if node.get("_recursive_", True) else node
            self.found += _argument_problems(node, arguments, takes, key)
        if node.get("_partial_"):
            return StandIn(partial)
        return StandIn(takes.returns) if takes and takes.returns else _UNREADABLE


def _argument_problems(node: dict[str, Any], arguments: dict[str, Any], takes: Signature, key: str) -> Iterator[str]:
    """What is wrong with the parameters of one node: unknown, of another type, or missing."""
    positional = list(takes.parameters)[: len(node.get("_args_", []))]
    dials = {name: p for name, p in takes.parameters.items() if name not in {*takes.supplied, *positional}}
    for name, value in arguments.items():
        typed = f"{_join(key, name)}={shown(node[name])}"
        if name in _HYDRA_KEYS:
            continue
        if name in dials:
            if not _suits(value, dials[name]):
                yield from _unsuited(node[name], value, dials[name].annotation, _join(key, name))
        elif not takes.takes_anything:
            target = str(node["_target_"]).rsplit(".", 1)[-1]
            yield f"{typed}: unknown key '{name}' for {target}{did_you_mean(str(name), dials, _join(key, ''))}"
    if not node.get("_partial_"):
        for name, parameter in dials.items():
            if parameter.required and name not in arguments:
                yield f"{_join(key, name)} is missing: {_expected(None, parameter.annotation)}"


def _unsuited(written: Any, value: Any, annotation: Any, key: str) -> Iterator[str]:
    """What does not suit: of a mapping those of its values that are to blame."""
    of_values = mapped_to(annotation)
    if type(value) is dict and of_values is not None:
        for name, item in value.items():
            if not _has_unresolved(item) and not fits(item, of_values):
                yield from _unsuited(written[name], item, of_values, _join(key, name))
    else:
        yield f"{key}={shown(written)}: {_expected(written, annotation)}"


def _suits(value: Any, parameter: Parameter) -> bool:
    """Whether the parameter takes the value. Its own default always does, whatever a third party's hint says."""
    is_default = type(value) is type(parameter.default) and value == parameter.default
    return is_default or parameter.annotation is UNKNOWN or _has_unresolved(value) or fits(value, parameter.annotation)


def _has_unresolved(value: Any) -> bool:
    if type(value) in (list, dict):
        return any(_has_unresolved(item) for item in (value.values() if type(value) is dict else value))
    return type(value) is Unresolved


def _expected(value: Any, annotation: Any) -> str:
    near = did_you_mean(value, map(shown, choices(annotation))) if isinstance(value, str) else ""
    return f"expected {described(annotation) if annotation is not UNKNOWN else 'a value'}{near}"


def _join(key: str, name: Any) -> str:
    """The dotted key, as one types it."""
    return f"{key}.{name}" if key else str(name)
