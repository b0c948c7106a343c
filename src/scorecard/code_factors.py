"""Figures of codes beside the factors that their images were made from."""

from torch import Tensor

from src.metrics.disentanglement import dci, mutual_information_gap
from src.scorecard.findings import Findings, Measured
from src.scorecard.pool import Pool

_OF_FORESTS = ("disentanglement", "completeness", "informativeness")


def factor_figures(z: Tensor, z_test: Tensor, pool: Pool, forest_units: int) -> Findings:
    """`mig`, `disentanglement`, `completeness` and `informativeness` of training and test codes (N, D)."""
    train, test = pool.train.factors, pool.test.factors
    names = [name for name in test if len(test[name].unique()) > 1 and len(train[name].unique()) > 1]
    n, width = z_test.shape
    if len(names) < 2 or width < 2:
        why = (
            "It is not known what the examples were made from (data=synthetic tells)."
            if not test
            else f"{len(names)} factors that vary and {width} units: two of each are needed to tell them apart."
        )
        return Findings(skipped=dict.fromkeys(("mig", *_OF_FORESTS), why))
    factors, factors_test = {name: train[name] for name in names}, {name: test[name] for name in names}
    found = Findings({"mig": Measured(mutual_information_gap(z_test, factors_test), "higher", n=n)})
    if width > forest_units:
        why = f"A forest reads codes of {forest_units} units at most, and these have {width} (forest_units)."
        found.skipped |= dict.fromkeys(_OF_FORESTS, why)
    else:
        figures = dci(z, factors, z_test, factors_test, pool.seed)
        found.scores |= {name: Measured(getattr(figures, name), "higher", n=n) for name in _OF_FORESTS}
    return found
