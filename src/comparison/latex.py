"""The table as LaTeX."""

from src.comparison.records import Comparison
from src.comparison.tables import Entry, heads, lines


def latex(comparison: Comparison) -> str:
    """A tabular for the package booktabs."""
    head = ["variant", *heads(comparison)]
    rows = [" & ".join(map(_in_latex, head)) + r" \\", r"\midrule"]
    for line in lines(comparison):
        rows.append(" & ".join([_in_latex(line.name), *map(_latex_entry, line.entries)]) + r" \\")
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}; bold: best; \approx: not shown to be worse than the best",
            rf"\begin{{tabular}}{{l{'r' * len(comparison.metrics)}}}",
            r"\toprule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def _latex_entry(entry: Entry) -> str:
    text = _in_latex(f"{entry.mean} {entry.spread}".strip())
    return {"best": rf"\textbf{{{text}}}", "tied": rf"{text} $\approx$", "": text}[entry.rank]


def _in_latex(text: str) -> str:
    special: dict[str, str] = {character: f"\\{character}" for character in "&%$#_{}"}
    special |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {"±": r"$\pm$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "−": "$-$", "×": r"$\times$"}
    return "".join(special.get(character, character) for character in text)
