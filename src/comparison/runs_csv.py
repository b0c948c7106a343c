"""Every figure of every run, as CSV."""

import csv
import io

from src.comparison.foreign_text import in_spreadsheet
from src.comparison.records import Comparison
from src.comparison.settings import written


def table_of_runs(comparison: Comparison) -> str:
    """CSV: a row for each run with its folder, its seed, the settings that differ and every figure of its files."""
    settings = list(dict.fromkeys(key for variant in comparison.variants for key in variant.settings))
    runs = [(variant, run) for variant in comparison.variants for run in variant.runs]
    figures = list(dict.fromkeys(key for _, run in runs for key in run.figures))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["variant", "seed", "folder", *(f"setting/{key}" for key in settings), *map(in_spreadsheet, figures)]
    )
    for variant, run in runs:
        own = [in_spreadsheet(written(variant.settings[key])) if key in variant.settings else "" for key in settings]
        name, folder = in_spreadsheet(variant.name), in_spreadsheet(run.folder)
        writer.writerow([name, run.seed, folder, *own, *(run.figures.get(key, "") for key in figures)])
    return text.getvalue()
