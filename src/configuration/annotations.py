"""One value held against one type annotation, and the annotation in plain words.

Pydantic checks, strictly: text is no number, 1e3 is no whole number, true is no number; an int does for a float and a
list for a tuple, since YAML has no other way to write them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, is_typeddict

from annotated_types import Ge, GroupedMetadata, Gt, Le, Len, Lt
from pydantic import AfterValidator, ConfigDict, Strict, TypeAdapter, ValidationError

from src.configuration.wording import shown

_STRICT = ConfigDict(strict=True, arbitrary_types_allowed=True)
_PLAIN = (bool, int, float, complex, str, bytes, list, dict, type, NoneType, Any)
_FROM_YAML = (tuple, set, frozenset, Path)
_LISTS = (list, tuple, set, frozenset, Sequence, Iterable, Collection)
_NAMES = {
    bool: ("true or false",) * 2,
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("a text", "texts"),
    NoneType: ("null", "null"),
    Path: ("a path", "paths"),
    Any: ("anything", "anything"),
    dict: ("a mapping", "mappings"),
}
_LIMITS: dict[type, tuple[str, str]] = {
    Gt: ("gt", "greater than"),
    Ge: ("ge", "of at least"),
    Lt: ("lt", "less than"),
    Le: ("le", "of at most"),
}


class StandIn:
    """Poses as an instance of a class that a config node will build, so that nothing need be built to check types."""

    def __init__(self, poses_as: type) -> None:
        self._poses_as = poses_as

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """What `isinstance` asks for."""
        return self._poses_as

    def __repr__(self) -> str:
        return f"<a {self._poses_as.__name__}>"

    def __call__(self) -> None:
        """What `callable` asks for."""


def fits(value: Any, annotation: Any) -> bool:
    """Whether `value` (plain YAML types and stand-ins) is of the annotated type and range.

    An annotation that pydantic cannot read fits everything: the types of third parties must not stop a run.
    """
    try:
        TypeAdapter(_as_written_in_yaml(annotation), config=_STRICT).validate_python(value)
    except ValidationError:
        return False
    except Exception:
        return True
    return True


def _as_written_in_yaml(annotation: Any) -> Any:
    """The annotation with lists let in for tuples and sets, texts for paths and enums, and classes by `isinstance`."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[(_as_written_in_yaml(args[0]), *args[1:])]
    if origin in (Union, UnionType):
        return Union[tuple(_as_written_in_yaml(arm) for arm in args)]  # noqa: UP007
    if _is_class(origin, _FROM_YAML):
        return Annotated[origin[tuple(arg if arg is ... else _as_written_in_yaml(arg) for arg in args)], Strict(False)]
    if _is_class(annotation, (*_FROM_YAML, Enum)):
        return Annotated[annotation, Strict(False)]
    if _is_class(origin, (list, dict, Mapping, Sequence)):
        return origin[tuple(_as_written_in_yaml(arg) for arg in args)]
    cls = origin if isinstance(origin, type) else annotation
    left_to_pydantic = cls in _PLAIN or is_typeddict(cls) or cls.__module__ == "collections.abc"
    if left_to_pydantic or not isinstance(cls, type):
        return annotation
    return Annotated[Any, AfterValidator(_instance_check(cls))]


def _is_class(annotation: Any, bases: tuple[type, ...]) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, bases)


def _instance_check(cls: type) -> Callable[[Any], Any]:
    """A validator by `isinstance`. Of a protocol only the methods count, so any node does for it."""

    def check(value: Any) -> Any:
        is_node_for_protocol = getattr(cls, "_is_protocol", False) and type(value) is StandIn
        if not (is_node_for_protocol or isinstance(value, cls)):
            raise ValueError(f"not a {cls.__name__}")
        return value

    return check


def choices(annotation: Any) -> list[Any]:
    """Every value of every `Literal` within the annotation, each once by the way it is typed."""
    if get_origin(annotation) is Literal:
        found = list(get_args(annotation))
    else:
        found = [choice for arg in get_args(annotation) if get_origin(annotation) for choice in choices(arg)]
    return list({shown(choice): choice for choice in found}.values())


def mapped_to(annotation: Any) -> Any:
    """What the values of a mapping are to be; None where the annotation is not about a mapping."""
    arms = get_args(annotation) if get_origin(annotation) in (Union, UnionType, Annotated) else (annotation,)
    values = [get_args(arm)[1] for arm in arms if _is_class(get_origin(arm), (dict, Mapping))]
    return values[0] if values else None


def described(annotation: Any, many: bool = False) -> str:
    """The annotation in words: `Annotated[int, Gt(0)]` is "a whole number greater than 0"."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in _NAMES:
        return _NAMES[annotation][many]
    if origin is Annotated:
        limits = " and ".join(_limits(args[1:]))
        return described(args[0], many) + (f" {limits}" if limits else "")
    if origin is Literal:
        return "one of " + ", ".join(shown(choice) for choice in args)
    if origin in (Union, UnionType):
        return _either(args, many)
    if _is_class(origin, (dict, Mapping)):
        return f"a mapping to {described(args[1], many=True)}"
    if (origin or annotation) in _LISTS:
        return _list_of(args, many)
    if origin is Callable or annotation is Callable or getattr(origin, "__name__", "") == "Callable":
        return "a function (a node with `_partial_: true`)"
    name = getattr(origin or annotation, "__name__", str(annotation))
    return f"{name}s" if many else f"a node that builds {name}"


def _either(arms: tuple[Any, ...], many: bool) -> str:
    """Choices first and in one list, then the other kinds, null at the end."""
    options = choices(Union[arms])  # noqa: UP007
    ignored = (NoneType, int) if float in arms else (NoneType,)
    kinds = [arm for arm in arms if get_origin(arm) is not Literal and arm not in ignored]
    words = ["one of " + ", ".join(map(shown, options))] if options else []
    words += [described(arm, many) for arm in kinds if not set(choices(arm)) & set(options)]
    return " or ".join(dict.fromkeys([*words, *(["null"] if NoneType in arms else [])]))


def _list_of(args: tuple[Any, ...], many: bool) -> str:
    """A list with what is in it; a tuple of one kind says how many."""
    kinds = [arg for arg in args if arg is not ...]
    what = "lists" if many else "a list"
    if not kinds:
        return what
    if len(set(map(described, kinds))) > 1:
        return f"{what} of " + ", ".join(map(described, kinds))
    number = f"{len(kinds)} " if len(kinds) > 1 else ""
    return f"{what} of {number}{described(kinds[0], many=True)}"


def _limits(metadata: tuple[Any, ...]) -> Iterator[str]:
    """The ranges and lengths among the metadata of an `Annotated`, in words."""
    for item in metadata:
        if isinstance(item, Len):
            yield (
                f"(exactly {item.min_length})" if item.min_length == item.max_length else f"({item.min_length} or more)"
            )
        elif isinstance(item, GroupedMetadata):
            yield from _limits(tuple(item))
        elif type(item) in _LIMITS:
            attribute, words = _LIMITS[type(item)]
            yield f"{words} {getattr(item, attribute)}"
