"""What a `_target_` takes: the object behind the dotted path, and the parameters that a config may set."""

import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Unpack, get_args, get_origin, get_type_hints, is_typeddict

from src.configuration.wording import did_you_mean

UNKNOWN: Any = inspect.Parameter.empty
"""Stands for an annotation that is absent or cannot be resolved: nothing is checked against it."""
_SOMEWHERE: Any = object()
"""Stands for a default that is written elsewhere."""


@dataclass(frozen=True)
class Parameter:
    """One parameter that a config may set."""

    annotation: Any
    """The type hint with its `Annotated` parts, or UNKNOWN."""
    default: Any
    """The default, or `inspect.Parameter.empty` where one must be given."""

    @property
    def required(self) -> bool:
        """Whether the target cannot be built without it."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True)
class Signature:
    """What a target takes."""

    parameters: dict[str, Parameter]
    supplied: frozenset[str]
    """Parameters that the program supplies: the required keys of `**parts: Unpack[Parts]`. They are no dials."""
    takes_anything: bool
    """Whether the target has a plain `**kwargs`."""
    returns: type | None
    """The class of what is built, if it is known."""


def locate(path: str) -> Any:
    """The object at the dotted path, found by importing alone.

    Raises LookupError with one sentence, and with the nearest name where there is one.
    """
    try:
        return pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise LookupError(_why_not(path, error)) from error


def _why_not(path: str, error: Exception) -> str:
    """Why nothing was found at `path`: the first part of it that does not exist, and what was probably meant."""
    parts = path.split(".")
    found: Any = None
    for n, name in enumerate(parts):
        try:
            found = pkgutil.resolve_name(".".join(parts[: n + 1]))
        except ModuleNotFoundError as missing:
            if missing.name and missing.name not in path:
                return f"cannot be imported, because there is no module '{missing.name}'"
        except (AttributeError, ValueError):
            pass
        except ImportError as broken:
            return f"cannot be imported: {broken}"
        else:
            continue
        before = ".".join(parts[:n])
        names = [*dir(found), *(module.name for module in pkgutil.iter_modules(getattr(found, "__path__", [])))]
        near = did_you_mean(name, names if n else [], f"{before}.")
        return f"there is no '{name}'" + (f" in {before}" if n else "") + near
    return f"cannot be imported: {error}"


def signature(target: Callable[..., Any]) -> Signature | None:
    """The signature of a class or function; None where it has none that Python can read (some built-ins)."""
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        return None
    function = target.__init__ if inspect.isclass(target) else target
    hints = _hints(function)
    rest = next((name for name, p in parameters.items() if p.kind is p.VAR_KEYWORD), None)
    more = _typed_dict(hints.get(rest or "", UNKNOWN))
    own = {
        name: Parameter(hints.get(name, UNKNOWN), parameter.default)
        for name, parameter in parameters.items()
        if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY)
    }
    built = target if inspect.isclass(target) else hints.get("return")
    return Signature(
        parameters=own | (_shared_dials(more) if more else {}),
        supplied=frozenset(more.__required_keys__) if more else frozenset(),
        takes_anything=rest is not None and more is None,
        returns=built if inspect.isclass(built) and built not in (type, Any) else None,
    )


def _hints(function: Any) -> dict[str, Any]:
    """The type hints; where one name of a third party cannot be resolved, only those that were written as objects."""
    try:
        return get_type_hints(function, include_extras=True)
    except Exception:
        written: dict[str, Any] = getattr(function, "__annotations__", {})
        return {name: hint for name, hint in written.items() if not isinstance(hint, str)}


def _typed_dict(hint: Any) -> Any:
    """The class in `Unpack[SomeTypedDict]`; None for any other hint."""
    return get_args(hint)[0] if get_origin(hint) is Unpack and is_typeddict(get_args(hint)[0]) else None


def _shared_dials(typed_dict: Any) -> dict[str, Parameter]:
    """The optional keys, which one may set; that they have a default is all that is known of it here."""
    hints = _hints(typed_dict)
    return {name: Parameter(hints.get(name, UNKNOWN), _SOMEWHERE) for name in typed_dict.__optional_keys__}
