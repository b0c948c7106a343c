"""The table as Markdown, with what one must know to read it and where its numbers come from."""

from pathlib import Path

from src.comparison.foreign_text import code_in_markdown, in_markdown
from src.comparison.records import Comparison
from src.comparison.tables import Entry, heads, lines


def markdown(comparison: Comparison, near: Path) -> str:
    """The table, what to know about it, and where its numbers come from.

    Args:
        near: the folder that the text will lie in; runs are named from there where they lie beside it.
    """
    head = ["variant", "runs", *map(in_markdown, heads(comparison))]
    rows = [head, ["---", *["---:"] * (len(comparison.metrics) + 1)]]
    for line in lines(comparison):
        rows.append([in_markdown(line.name), str(line.runs or ""), *map(_marked, line.entries)])
    parts = ["# Comparison", in_markdown(comparison.data), "\n".join(f"| {' | '.join(row)} |" for row in rows)]
    parts.append(
        f"Sorted by {in_markdown(comparison.sorted_by.label)}; mean ± standard deviation over seeds. **Bold**: best of "
        "its column. ≈: not shown to be worse than the best."
    )
    parts.append("\n".join(f"- {in_markdown(note)}" for note in comparison.notes))
    if comparison.left_out:
        told = [f"- {_folder(folder, near)}: {in_markdown(reason)}" for folder, reason in comparison.left_out]
        parts += ["## Left out", "\n".join(told)]
    parts += ["## Where the numbers come from", _origins(comparison, near)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _origins(comparison: Comparison, near: Path) -> str:
    """The runs of each variant, and the file and key of each column."""
    runs = [(variant, run) for variant in comparison.variants for run in variant.runs]
    told = {key: source for _, run in reversed(runs) for key, source in run.sources.items()}
    sources = [
        f"- {in_markdown(each.label)}: {code_in_markdown(told[each.key])}"
        for each in comparison.metrics
        if each.key in told
    ]
    folders = [f"| {in_markdown(variant.name)} | {run.seed} | {_folder(run.folder, near)} |" for variant, run in runs]
    return "\n".join(sources) + "\n\n" + "\n".join(["| variant | seed | folder |", "| --- | ---: | --- |", *folders])


def _folder(folder: Path, near: Path) -> str:
    """The folder from `near`, where both lie in one folder; else as it was given."""
    try:
        return code_in_markdown(f"../{folder.resolve().relative_to(near.resolve().parent)}")
    except ValueError:
        return code_in_markdown(folder)


def _marked(entry: Entry) -> str:
    text = f"{entry.mean} {entry.spread}".strip()
    return {"best": f"**{text}**", "tied": f"{text} ≈", "": text}[entry.rank]
