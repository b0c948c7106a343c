"""Figures of codes beside the classes of their images."""

from torch import Tensor

from src.metrics.probes import cluster_agreement, linear_probe, nearest_neighbours
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Pool


def label_figures(z: Tensor, z_test: Tensor, pool: Pool, neighbours: int) -> Findings:
    """`linear_probe`, `nearest_neighbours`, `nmi` and `ari` of training and test codes (N, D)."""
    if not (pool.train.labelled and pool.test.labelled):
        why = "The examples have no labels, or all have the same."
        return Findings(skipped=dict.fromkeys(("linear_probe", "nearest_neighbours", "nmi", "ari"), why))
    codes = z, pool.train.y, z_test, pool.test.y
    found = Findings({"linear_probe": mean_of(linear_probe(*codes), "higher", seed=pool.seed)})
    if neighbours > len(z):
        found.skipped["nearest_neighbours"] = f"There are only {len(z)} training examples, not {neighbours}."
    else:
        hits = nearest_neighbours(*codes, neighbours)
        found.scores["nearest_neighbours"] = mean_of(hits, "higher", seed=pool.seed)
    nmi, ari = cluster_agreement(z_test, pool.test.y, pool.seed)
    found.scores |= {"nmi": Measured(nmi, "higher", n=len(z_test)), "ari": Measured(ari, "higher", n=len(z_test))}
    return found
