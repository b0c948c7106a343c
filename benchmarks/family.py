"""`python -m benchmarks.family <multirun folder>`: the README's table and picture of variants that were trained alike.

Prints a Markdown table (one row a run, PCA at the same code size first) and draws the same test images through each
variant into `--picture`. Reads run folders and nothing else.
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from src.drawing.figure import new_figure
from src.drawing.tiles import as_pixels, tiled
from src.pca import PCA, images_at_once
from src.run_folder import RunFolder, open_run

COLUMNS = {"se": ".2f", "psnr": ".2f", "ssim": ".3f"}


def table(runs: dict[str, dict[str, Any]]) -> str:
    """The figures of each run, the best error first, below those of PCA."""
    first = next(iter(runs.values()))
    head = ["model", "`se`", "psnr (dB)", "ssim", "seconds", "parameters"]
    pca = [f"PCA-{first['baseline/pca_components']}"]
    rows = [pca + [format(first[f"baseline/pca_{name}"], form) for name, form in COLUMNS.items()] + ["", ""]]
    for name, summary in sorted(runs.items(), key=lambda run: float(run[1]["test/se"])):
        figures = [format(summary[f"test/{column}"], form) for column, form in COLUMNS.items()]
        rows.append([f"`{name}`", *figures, f"{summary['train/seconds']:.0f}", f"{summary['model/parameters']:,}"])
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@torch.no_grad()
def reconstructions(folders: dict[str, Path], n: int) -> tuple[dict[str, Tensor], tuple[float, float]]:
    """The first n test images, and what PCA and each run make of them."""
    rows: dict[str, Tensor] = {}
    value_range = (0.0, 1.0)
    for name, folder in folders.items():
        model, data, _ = open_run(folder)
        data.setup()
        assert data.train_set is not None
        assert data.test_set is not None
        x, y, _ = data.test_set.__getitems__(torch.arange(n))
        if not rows:
            train_set, at_once = data.train_set, images_at_once(data.shape)
            pca = PCA.fit(lambda: (batch.x for batch in train_set.batches(at_once)), model.code_size)  # noqa: B023
            rows = {"input": x, f"PCA-{model.code_size}": pca.reconstruct(x)}
            value_range = (float(data.range[0]), float(data.range[1]))
        rows[name] = model.reconstruct(x, y)
    return rows, value_range


def draw(rows: dict[str, Tensor], value_range: tuple[float, float], path: Path) -> None:
    """One image a column, one variant a row."""
    n = len(next(iter(rows.values())))
    pixels = as_pixels(torch.cat(list(rows.values())), value_range)
    height, width = pixels.shape[1:3]
    figure = new_figure(n * 0.45 + 2.2, len(rows) * 0.45 * height / width + 0.1)
    ax = figure.subplots()
    ax.imshow(tiled(pixels, columns=n), interpolation="nearest")
    step = tiled(pixels[: 2 * n], columns=n).shape[0] - height
    ax.set_yticks([height / 2 + i * step for i in range(len(rows))], list(rows))
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    figure.savefig(path, dpi=110, bbox_inches="tight")


def named(folder: Path) -> str:
    """The model that was typed for a run, or its class where none was."""
    typed = (folder / ".hydra" / "overrides.yaml").read_text(encoding="utf-8").splitlines()
    models = [line.split("=")[1] for line in typed if line.startswith("- model=")]
    return models[0] if models else str(RunFolder(folder).summary()["model/name"])


def main() -> None:
    """Read the runs, print the table, draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="outputs/multirun/<date_time>")
    parser.add_argument("--picture", type=Path, default=Path("family.png"))
    parser.add_argument("-n", type=int, default=14, help="test images in the picture")
    options = parser.parse_args()
    folders: dict[str, Path] = {}
    for file in sorted(options.folder.glob("*/summary.json"), key=lambda file: int(file.parent.name)):
        summary, name = RunFolder(file.parent).summary(), named(file.parent)
        if "test/se" not in summary:
            print(f"left out, because it reconstructs nothing or did not finish: {name}")
        elif name in folders:
            print(f"left out, because there is one of that name already: {name} in {file.parent}")
        else:
            folders[name] = file.parent
    if not folders:
        raise SystemExit(f"there is no finished run in {options.folder}; give the folder of a multirun")
    print(table({name: RunFolder(folder).summary() for name, folder in folders.items()}))
    draw(*reconstructions(folders, options.n), options.picture)
    print(f"\npicture: {options.picture}")


if __name__ == "__main__":
    main()
