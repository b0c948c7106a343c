"""A comparison made by hand, without any run: six variants, names that mean harm, gaps where real ones have them."""

import math
from pathlib import Path
from typing import Any

from src.comparison.records import Better, Cell, Comparison, Metric, Run, Variant

HOSTILE = "</script><script>window.stolen=1</script><img src=x onerror=window.stolen=1>"
METRICS = (
    Metric("test/se", "se", "lower", "baseline/pca_se"),
    Metric("test/psnr", "psnr (dB)", "higher", "baseline/pca_psnr"),
    Metric("scorecard/code/probe", "linear probe", "higher"),
    Metric("model/parameters", "parameters", None),
    Metric("train/seconds", "training (s)", "lower"),
)
SPECS: tuple[tuple[str, float, int, dict[str, Any]], ...] = (
    ("undercomplete, latent_dim=16", 8.9, 3, {"model.latent_dim": 16, "optimizer.lr": 1e-3}),
    ("vae, beta=4", 9.4, 3, {"model.beta": 4.0, "model.latent_dim": 8, "optimizer.lr": 1e-3}),
    ("undercomplete, latent_dim=8", 10.2, 3, {"model.latent_dim": 8, "optimizer.lr": 1e-3}),
    (HOSTILE, 11.0, 3, {"model.latent_dim": 8, "optimizer.lr": 1e-1, HOSTILE: HOSTILE}),
    ("sparse <b>bold</b> & co, " + "a long name " * 6, 13.5, 1, {"model.latent_dim": 32, "optimizer.lr": 1e-2}),
    ("gan", math.nan, 3, {"model.latent_dim": 8, "optimizer.lr": 1e-4}),
)
"""Name, squared error (nan: it has none), seeds, settings."""


def example(folder: Path, specs: tuple[tuple[str, float, int, dict[str, Any]], ...] = SPECS) -> Comparison:
    """The comparison, with pictures drawn into `folder`."""
    variants = [_variant(folder, place, *spec) for place, spec in enumerate(specs)]
    cells = {
        (variant.name, metric.key): cell
        for variant in variants
        for metric in METRICS
        if (cell := _cell(variant, metric)) is not None
    }
    return Comparison(
        variants=variants,
        metrics=METRICS,
        sorted_by=METRICS[0],
        cells=cells,
        baseline={
            "test/se": [("PCA-8", 15.03), ("PCA-16", 9.05), ("PCA-32", 3.2)],
            "test/psnr": [("PCA-8", 17.0), ("PCA-16", 19.2), ("PCA-32", 23.7)],
        },
        left_out=[
            (folder / "7", "It stopped with an error: the term 'loss' became nan at step 12."),
            (folder / HOSTILE, HOSTILE),
        ],
        notes=["3 seeds are few: what is called tied here may differ by more than the test can tell.", HOSTILE],
        data="digits: 360 test examples of 1 x 8 x 8",
    )


def _variant(folder: Path, place: int, name: str, se: float, seeds: int, settings: dict[str, Any]) -> Variant:
    return Variant(name, [_run(folder, place, name, se, seed, settings) for seed in range(1, seeds + 1)], settings)


def _run(folder: Path, place: int, name: str, se: float, seed: int, settings: dict[str, Any]) -> Run:
    own = folder / f"{place}-{seed}"
    drift = (0.1 + 0.2 * place) * (seed - 2)
    figures: dict[str, float] = {"model/parameters": 12345.0 + place, "train/seconds": 3.2 + drift + place}
    figures["model/code_size"] = settings.get("model.latent_dim", 8)
    if not math.isnan(se):
        figures |= {"test/se": se + drift, "test/psnr": 28.0 - 10 * math.log10(se + drift)}
        figures["scorecard/code/probe"] = 0.93 - 0.02 * place + drift / 20
    epochs = range(12 if seed < 3 else 9)
    curves: dict[str, list[float | None]] = {"epoch": [float(epoch) for epoch in epochs]}
    for curve, scale in (("train/loss", 1.0), ("val/loss", 1.1), ("val/reconstruction", 1.05)):
        level = 10.0 + place if math.isnan(se) else se
        curves[curve] = [scale * (level + drift + 30 * math.exp(-epoch / (2 + place / 2))) for epoch in epochs]
    curves["val/loss"][3] = None
    pictures = {} if name == "gan" else _pictures(own, place, seed)
    sources = {key: f"summary.json: {key}" for key in figures if not key.startswith("scorecard")}
    sources["scorecard/code/probe"] = "scorecard.json: code.probe"
    typed = [f"model={name.split(',')[0]}", f"seed={seed}"]
    return Run(own, seed, {"seed": seed}, typed, figures, sources, curves, pictures)


def _pictures(folder: Path, place: int, seed: int) -> dict[str, Path]:
    from PIL import Image, ImageDraw

    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name in ("reconstructions", "latent_map", "loss_breakdown"):
        image = Image.effect_noise((480, 360), 30 + 10 * place).convert("RGB")
        ImageDraw.Draw(image).text((20, 20), f"{name} {place} seed {seed}", fill=(200, 30, 30))
        files[name] = folder / f"{name}.png"
        image.save(files[name])
    return files


def _cell(variant: Variant, metric: Metric) -> Cell | None:
    values = [run.figures[metric.key] for run in variant.runs if metric.key in run.figures]
    if not values:
        return None
    mean = sum(values) / len(values)
    std = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1)) if len(values) > 1 else None
    return Cell(mean, std, values, _rank(variant.name, metric.better))


def _rank(name: str, better: Better | None) -> Any:
    return "" if better is None else {SPECS[0][0]: "best", SPECS[1][0]: "tied"}.get(name, "")
