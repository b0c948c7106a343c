"""How messages word a value and a likely meaning, so that every message says it the same way."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any


def shown(value: Any) -> str:
    """A config value on one line, as one would type it: null, true, [1, 2], {a: 1}; a node is named by its target."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    if isinstance(value, Mapping):
        parts = ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
        return str(value.get("_target_", "{" + parts + "}"))
    return str(value)


def closest(word: str, choices: Iterable[str]) -> str | None:
    """The choice most like `word`, capital letters aside where none is alike with them; None if none comes near."""
    choices = list(choices)
    by_lower = {choice.lower(): choice for choice in choices}
    matches = get_close_matches(word, choices, n=1)
    matches += [by_lower[match] for match in get_close_matches(word.lower(), by_lower, n=1)]
    return matches[0] if matches else None


def did_you_mean(word: str, choices: Iterable[str], before: str = "") -> str:
    """`; did you mean '...'?`, or nothing if no choice comes near. `before` is written in front of the choice."""
    match = closest(word, choices)
    return f"; did you mean '{before}{match}'?" if match else ""
