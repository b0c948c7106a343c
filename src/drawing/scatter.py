"""Codes as points of a plane, coloured by class."""

from typing import Any

import numpy as np

from src.drawing.class_colours import NO_LABEL, ClassPart

WIDEST = 50
"""t-SNE reads this many principal components of a wider code, as its authors do (van der Maaten & Hinton 2008)."""


def projected(z: np.ndarray) -> np.ndarray:
    """(N, D) codes -> (N, 2) by t-SNE with PCA start and a fixed seed."""
    from sklearn.manifold import TSNE

    wide = z.astype(np.float64)  # in float32 the squares of very small or large codes would vanish or overflow
    z = principal(wide / wide.std(), WIDEST)
    perplexity = min(30.0, (len(z) - 1) / 3)
    # half of the usual iterations: of 100 to 1,000 codes the divergence ends 1 to 2 % higher, in 60 % of the time
    points: np.ndarray = TSNE(init="pca", random_state=0, perplexity=perplexity, max_iter=500).fit_transform(z)
    return points


def principal(z: np.ndarray, widest: int) -> np.ndarray:
    """z (N, D) itself, or its first principal components where it is wider than `widest`."""
    if z.shape[1] <= widest:
        return z
    from sklearn.decomposition import PCA

    return PCA(min(widest, len(z)), svd_solver="randomized", random_state=0).fit_transform(z)


def scatter(ax: Any, points: np.ndarray, parts: list[ClassPart]) -> None:
    for part in parts:
        ax.scatter(*points[part.where].T, s=12, color=[part.colour], label=part.label, linewidths=0, alpha=0.85)
    for part in parts if 1 < len(parts) <= 20 else ():  # the name on the spot: colour alone does not reach everyone
        if part.label == NO_LABEL:
            continue
        own = points[part.where]
        middle = own[np.square(own - np.median(own, axis=0)).sum(1).argmin()]  # a real point: a mean can lie far off
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": part.colour, "alpha": 0.85}
        ax.annotate(part.label, middle, ha="center", va="center", fontsize=9, color="#222222", bbox=box)
    legend(ax, parts)


def legend(ax: Any, parts: list[ClassPart]) -> None:
    if len(parts) > 1:
        ax.legend(
            fontsize=8, markerscale=1.6, frameon=False, ncols=-(-len(parts) // 20),
            loc="upper left", bbox_to_anchor=(1, 1),
        )  # fmt: skip
