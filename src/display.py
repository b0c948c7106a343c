"""What a run shows in the terminal: its config as a tree at the start, its result beside PCA's at the end."""

from collections.abc import Iterable, Mapping
from typing import Any

from omegaconf import DictConfig
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from src.configuration.resolution import resolved
from src.configuration.wording import shown

MARK = "◀"
_TYPED = "bold yellow"
_BETTER = "bold green"
_SCORES = {"se": min, "mse": min, "psnr": max, "ssim": max}


def config_tree(cfg: DictConfig, overridden: Iterable[str] = ()) -> Tree:
    """The resolved config as a tree; what was typed is coloured and marked, so that it shows without colour too.

    Args:
        overridden: what was typed, as Hydra lists it: `model=vae`, `model.latent_dim=3`, `+a.b=1`, `~x`. What has no
            place in the config (`experiment=x`, `~x`) stands in front of the tree.
    """
    plain = resolved(cfg)
    typed = {_path(override): override for override in overridden}
    tree = Tree(Text("config", style="bold"), guide_style="dim")
    for path, override in typed.items():
        if not _stands_in(plain, path):
            tree.add(Text(f"{override} {MARK}", style=_TYPED))
    _add(tree, plain, typed, "")
    return tree


def _add(tree: Tree, node: Mapping[Any, Any], typed: Mapping[str, str], before: str) -> None:
    for key, value in node.items():
        override = typed.get(f"{before}{key}")
        style = "" if override is None else _TYPED
        if isinstance(value, dict) and value:
            label = f"{key}" if override is None else f"{key} {MARK} {override}"
            _add(tree.add(Text(label, style=style or "cyan")), value, typed, f"{before}{key}.")
        else:
            label = f"{key}: {shown(value)}" + ("" if override is None else f" {MARK}")
            if override is not None and override.partition("=")[2].replace(" ", "") != shown(value).replace(" ", ""):
                label += f" {override}"  # it is not written as it was typed: a group, an interpolation, 3e-4
            tree.add(Text(label, style=style))


def _path(override: str) -> str:
    """The dotted key that an override is about: `+data/extra@model.x=y` is about `model.x`."""
    key = override.split("=", 1)[0].lstrip("+~")
    return key.split("@")[-1].replace("/", ".")


def _stands_in(node: Any, path: str) -> bool:
    for name in path.split("."):
        if not isinstance(node, dict) or name not in node:
            return False
        node = node[name]
    return True


def job_line(number: int, overrides: Iterable[str]) -> Text:
    """What stands above each job of a sweep, in place of a whole tree."""
    return Text(f"\njob {number}: {' '.join(overrides)}", style="bold")


def result_table(summary: Mapping[str, Any]) -> Table:
    """The table at the end of a run, from the keys of summary.json; what is missing there is left out or shown as -.

    Rows: se, mse, psnr and ssim of this run and of PCA at the same code size, the better one marked; how likely the
    test images are, where it was measured; then how long training took, how fast it was and how large the model is. A
    run that PCA cannot be compared with has no column for it.
    """
    code = summary.get("model/code_size")
    table = Table()
    table.add_column("")
    table.add_column("this run", justify="right")
    if any(name.startswith("baseline/") for name in summary):
        components = summary.get("baseline/pca_components", code)
        table.add_column("PCA" if components is None else f"PCA-{components}", justify="right")

    def row(*cells: Text | str) -> None:
        table.add_row(*cells[: len(table.columns)])

    for name, better in _SCORES.items():
        pair = [summary.get(f"test/{name}"), summary.get(f"baseline/pca_{name}")]
        known = [float(value) for value in pair if value is not None]
        if known:
            best = better(known) if len(known) == 2 else None
            unit = " (dB)" if name == "psnr" else ""
            row(name + unit, *(_score(value, value is not None and value == best) for value in pair))
    if summary.get("test/log_likelihood") is not None:
        row("log p(x) (nats)", f"{summary['test/log_likelihood']:.2f}  ", "")
    table.add_section()
    for label, key, form in (
        ("seconds", "train/seconds", ",.1f"),
        ("images per second", "train/images_per_second", ",.0f"),
        ("parameters", "model/parameters", ",d"),
    ):
        if summary.get(key) is not None:
            row(label, format(summary[key], form), "")
    return table


def _score(value: float | None, is_better: bool) -> Text:
    """The figure to four digits, with a star (and a blank in its place otherwise, so that the columns stay in line)."""
    figure = "-" if value is None else f"{value:.4g}"
    return Text(f"{figure} *", style=_BETTER) if is_better else Text(f"{figure}  ")
