"""The table as Markdown, with what one must know to read it and where its numbers come from."""

from pathlib import Path

from src.comparison.records import Comparison
from src.comparison.tables import Entry, heads, lines


def markdown(comparison: Comparison, near: Path) -> str:
    """The table, what to know about it, and where its numbers come from.

    Args:
        near: the folder that the text will lie in; runs are named from there where they lie beside it.
    """
    rows = [["variant", "runs", *heads(comparison)], ["---", *["---:"] * (len(comparison.metrics) + 1)]]
    for line in lines(comparison):
        name = _escaped(line.name)
        rows.append([name, str(line.runs or ""), *map(_in_markdown, line.entries)])
    parts = ["# Comparison", comparison.data, "\n".join(f"| {' | '.join(row)} |" for row in rows)]
    parts.append(
        f"Sorted by {comparison.sorted_by.label}; mean ± standard deviation over seeds. **Bold**: best of its column. "
        "≈: not shown to be worse than the best."
    )
    parts.append("\n".join(f"- {note}" for note in comparison.notes))
    if comparison.left_out:
        parts += ["## Left out", "\n".join(f"- `{_beside(f, near)}`: {reason}" for f, reason in comparison.left_out)]
    parts += ["## Where the numbers come from", _origins(comparison, near)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _origins(comparison: Comparison, near: Path) -> str:
    """The runs of each variant, and the file and key of each column."""
    runs = [(variant, run) for variant in comparison.variants for run in variant.runs]
    told = {key: source for _, run in reversed(runs) for key, source in run.sources.items()}
    sources = [f"- {each.label}: `{told[each.key]}`" for each in comparison.metrics if each.key in told]
    folders = [f"| {_escaped(variant.name)} | {run.seed} | `{_beside(run.folder, near)}` |" for variant, run in runs]
    return "\n".join(sources) + "\n\n" + "\n".join(["| variant | seed | folder |", "| --- | ---: | --- |", *folders])


def _beside(folder: Path, near: Path) -> str:
    """The folder from `near`, where both lie in one folder; else as it was given."""
    try:
        return f"../{folder.resolve().relative_to(near.resolve().parent)}"
    except ValueError:
        return str(folder)


def _in_markdown(entry: Entry) -> str:
    text = f"{entry.mean} {entry.spread}".strip()
    return {"best": f"**{text}**", "tied": f"{text} ≈", "": text}[entry.rank]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
