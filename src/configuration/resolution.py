"""A config as plain dicts, lists and values, with what cannot be resolved left standing as it is written."""

from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException


@dataclass(frozen=True)
class Unresolved:
    """A value that is missing (`???`) or refers to nothing."""

    written: str
    why: str

    def __str__(self) -> str:
        """As it stands in the config."""
        return self.written


def resolved(node: Any) -> Any:
    """The config with every interpolation resolved.

    OmegaConf's own `to_container(resolve=True)` stops at the first that fails; here it becomes an `Unresolved`, so that
    the config can still be shown and all of its problems be told at once.
    """
    if isinstance(node, DictConfig):
        return {str(name): resolved(_item(node, name)) for name in node}
    if isinstance(node, ListConfig):
        return [resolved(_item(node, i)) for i in range(len(node))]
    return node


def _item(node: DictConfig | ListConfig, name: Any) -> Any:
    if OmegaConf.is_missing(node, name):
        return Unresolved("???", "a value must be given")
    try:
        return node[name]
    except OmegaConfBaseException as error:
        written = OmegaConf.to_container(node)[name]  # type: ignore[index]
        return Unresolved(str(written), str(error.msg).splitlines()[0])
