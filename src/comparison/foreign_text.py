"""Text from run folders, which may be a stranger's: one line of it, and no markup in the files that it stands in."""

import re

LONGEST = 300


def one_line(text: object, longest: int = LONGEST) -> str:
    """The text on one line, without characters that steer a terminal, cut where it is longer than anyone reads."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def in_markdown(text: str) -> str:
    """Such that it ends no table cell, and is neither HTML nor a link, a picture or code."""
    line = one_line(text, len(text)).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([|`*])", r"\\\1", line).replace("](", "]\\(")


def code_in_markdown(text: object) -> str:
    """As code, whatever backticks it has itself; a bar still ends a table cell, so it is escaped as GitHub reads it."""
    line = one_line(text, len(str(text))).replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    room = " " if "`" in line else ""
    return f"{fence}{room}{line}{room}{fence}"


def in_spreadsheet(text: object) -> str:
    """Such that no program takes it for a formula (`=cmd|...`): an apostrophe stands before what begins like one."""
    told = str(text)
    return f"'{told}" if told[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(told) else told


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
