"""Nested dicts and lists, leaf by leaf."""

from collections.abc import Callable, Iterator
from typing import Any


def walk(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of nested dicts and lists with its dotted key."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from walk(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, node


def replaced(node: Any, change: Callable[[str], str]) -> Any:
    """A copy of nested dicts and lists with every text changed."""
    if isinstance(node, dict):
        return {key: replaced(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [replaced(value, change) for value in node]
    return change(node) if isinstance(node, str) else node
