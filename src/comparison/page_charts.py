"""What the page draws its charts from: curves with their bands, points, code sizes, and the axes of the settings."""

import re
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from src.comparison.page_numbers import rounded
from src.comparison.page_table import column_decimals, setting
from src.comparison.records import Cell, Comparison, Variant

FIRST_CURVES = ("val/loss", "val/reconstruction", "train/loss", "train/reconstruction")
NO_CURVES = {"epoch", "step"}
CODE_SIZES = ("model/code_size", "model/latent_dim")
LOG_FROM = 100.0
"""An axis whose largest value is so many times its smallest is logarithmic."""


def chart_data(comparison: Comparison) -> dict[str, Any]:
    """Plain values for JSON: variants, metrics, cells by variant and metric, PCA, curves and axes."""
    return {
        "variants": [
            {
                "name": variant.name,
                "seeds": len(variant.runs),
                "size": code_size(variant),
                "family": family,
                "settings": [[key, setting(value)] for key, value in variant.settings.items()],
            }
            for variant, family in zip(comparison.variants, families(comparison.variants), strict=True)
        ],
        "metrics": [
            {
                "key": metric.key,
                "label": metric.label,
                "better": metric.better,
                "places": column_decimals(comparison, metric),
            }
            for metric in comparison.metrics
        ],
        "sortedBy": comparison.sorted_by.key,
        "cells": [
            [_point(comparison.cells.get((variant.name, metric.key))) for metric in comparison.metrics]
            for variant in comparison.variants
        ],
        "pca": pca_points(comparison),
        "curves": {name: [curve(variant, name) for variant in comparison.variants] for name in curve_names(comparison)},
        "axes": axes(comparison.variants),
    }


def _point(cell: Cell | None) -> list[float | None] | None:
    return None if cell is None else [rounded(cell.mean), rounded(cell.std)]


def code_size(variant: Variant) -> int | None:
    """How many numbers a code has; None where no run says so."""
    for run in variant.runs:
        for key in CODE_SIZES:
            if key in run.figures:
                return int(run.figures[key])
    return None


def families(variants: Sequence[Variant]) -> list[str]:
    """A name for each variant that those which differ in nothing but the code size share."""
    following = {
        key
        for variant in variants
        for key, value in variant.settings.items()
        if key.endswith("latent_dim") or (value == variant.settings.get("model.latent_dim") and _counts(value))
    }
    following = {key for key in following if key.endswith("latent_dim") or _follows(variants, key)}
    others = [repr(sorted((k, setting(v)) for k, v in x.settings.items() if k not in following)) for x in variants]
    names: dict[str, str] = {}
    for variant, other in zip(variants, others, strict=True):
        plain = ", ".join(part for part in variant.name.split(", ") if not re.search(r"latent_dim=", part))
        names.setdefault(other, plain if plain and plain not in names.values() else variant.name)
    return [names[other] for other in others]


def _follows(variants: Sequence[Variant], key: str) -> bool:
    return all(x.settings.get(key) == x.settings.get("model.latent_dim") for x in variants if key in x.settings)


def _counts(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def pca_points(comparison: Comparison) -> list[dict[str, Any]]:
    """PCA of each code size: its name, the size that the name ends in, and its figure for each metric."""
    by_key = {key: dict(pairs) for key, pairs in comparison.baseline.items()}
    names = dict.fromkeys(name for pairs in comparison.baseline.values() for name, _ in pairs)
    return [
        {
            "name": name,
            "size": int(size.group()) if (size := re.search(r"\d+$", name)) else None,
            "values": [rounded(by_key.get(metric.key, {}).get(name)) for metric in comparison.metrics],
        }
        for name in names
    ]


def curve_names(comparison: Comparison) -> list[str]:
    """Every column of metrics.csv that has a figure, validation before training."""
    found = dict.fromkeys(
        name
        for variant in comparison.variants
        for run in variant.runs
        for name, values in run.curves.items()
        if name not in NO_CURVES and any(rounded(value) is not None for value in values)
    )
    first = [name for name in FIRST_CURVES if name in found]
    return first + sorted((name for name in found if name not in first), key=lambda name: (name[:4] != "val/", name))


def curve(variant: Variant, name: str) -> dict[str, Any] | None:
    """Mean and standard deviation over the seeds that have reached an epoch, counted from 1; None without the curve."""
    by_epoch: dict[float, list[float]] = {}
    for run in variant.runs:
        for epoch, value in zip(run.curves.get("epoch", ()), run.curves.get(name, ()), strict=False):
            if epoch is not None and value is not None and rounded(value) is not None:
                by_epoch.setdefault(epoch + 1, []).append(value)
    if not by_epoch:
        return None
    epochs = sorted(by_epoch)
    return {
        "epoch": epochs,
        "mean": [rounded(fmean(by_epoch[epoch])) for epoch in epochs],
        "std": [rounded(stdev(by_epoch[epoch])) if len(by_epoch[epoch]) > 1 else None for epoch in epochs],
        "seeds": [len(by_epoch[epoch]) for epoch in epochs],
    }


def axes(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """The numeric settings that differ, each with a value or None for every variant."""
    keys = dict.fromkeys(key for variant in variants for key in variant.settings)
    columns: Mapping[str, list[float | None]] = {
        key: [float(x.settings[key]) if _counts(x.settings.get(key)) else None for x in variants] for key in keys
    }
    found = []
    for key, values in columns.items():
        numbers = {value for value in map(rounded, values) if value is not None}
        if len(numbers) > 1:
            log = min(numbers) > 0 and max(numbers) / min(numbers) >= LOG_FROM
            found.append({"label": key, "values": [rounded(value) for value in values], "log": log})
    return found
