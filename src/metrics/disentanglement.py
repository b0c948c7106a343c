"""Whether each unit of a code stands for one of the factors that the data were made from."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

BINS = 20
"""Numbers are cut into so many groups of equal size before their information is counted."""
FEW = 20
"""A factor of whole numbers with at most so many different ones is a class, anything else a number."""


def mutual_information_gap(z: Tensor, factors: Mapping[str, Tensor]) -> float:
    """How much more the best unit knows of a factor than the next best, as a share of the factor's entropy.

    mean over factors v of (I(z_j; v) - max_{i != j} I(z_i; v)) / H(v),  j = argmax_i I(z_i; v): Chen et al., "Isolating
    sources of disentanglement in variational autoencoders", NeurIPS 2018. It is 1 where one unit alone tells each
    factor and 0 where every factor is told by two. Information is counted over 20 groups of equal size of each unit's
    (mean) values and of each factor that is no class; counting few examples overestimates it, of all units alike.

    Args:
        z: (N, D), D at least 2.
        factors: (N,) each.
    """
    levels = torch.stack([_levels(unit).to(torch.uint8) for unit in z.T])
    gaps = []
    for values in factors.values():
        v = _classes(values) if is_class(values) else _levels(values)
        first, second = torch.cat([_information(some.long(), v) for some in levels.split(256)]).topk(2).values
        gaps.append((first - second) / _entropy(torch.bincount(v)))
    return float(torch.stack(gaps).mean())


class Disentanglement(NamedTuple):
    """Eastwood & Williams' three figures, each 1 at best and 0 at worst."""

    disentanglement: float
    completeness: float
    informativeness: float


def dci(
    z: Tensor, factors: Mapping[str, Tensor], z_test: Tensor, factors_test: Mapping[str, Tensor], seed: int
) -> Disentanglement:
    """Eastwood & Williams, "A framework for the quantitative evaluation of disentangled representations", ICLR 2018.

    A forest of 10 trees reads each factor from the code; R_ij is the importance that it gives unit i for factor j.

    - disentanglement: mean over units of 1 - H(R_i. / sum_j R_ij) to the base of the number of factors, each unit
      weighted by its share of all importance: whether a unit stands for one factor;
    - completeness: mean over factors of 1 - H(R_.j / sum_i R_ij) to the base D: whether one unit says it all;
    - informativeness: mean over factors of what the forest explains of the test examples: R^2 of a number, and of a
      class (accuracy - share of the commonest) / (1 - share of the commonest).

    Args:
        z, factors: (N, D) and (N,) each, to fit on; at least two factors, and D at least 2.
        z_test, factors_test: to score on.
    """
    read = [_forest(z, factors[name], z_test, factors_test[name], seed) for name in factors]
    importance = torch.stack([weights for weights, _ in read], 1)
    by_unit = importance.sum(1)
    weights = by_unit / by_unit.sum().clamp(min=1e-300)  # a code that never changes has no importance anywhere
    disentangled, complete = 1 - _normal_entropy(importance), 1 - _normal_entropy(importance.T)
    explained = sum(score for _, score in read) / len(read)
    return Disentanglement(float((weights * disentangled).sum()), float(complete.mean()), explained)


def is_class(values: Tensor) -> bool:
    """Whether a factor (N,) is one of a few classes and no number."""
    return not values.is_floating_point() and len(values.unique()) <= FEW


def _forest(z: Tensor, v: Tensor, z_test: Tensor, v_test: Tensor, seed: int) -> tuple[Tensor, float]:
    """How much each unit counts for one factor, (D,), and what the forest explains of it."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if is_class(v) else RandomForestRegressor
    dials = {"n_estimators": 10, "max_features": 1.0, "min_samples_leaf": 5, "random_state": seed}
    forest = kind(**dials).fit(z.numpy(), v.numpy())
    score = float(forest.score(z_test.numpy(), v_test.numpy()))  # accuracy, or R^2
    if is_class(v):
        commonest = float(torch.bincount(v_test - v_test.min()).max() / len(v_test))
        score = (score - commonest) / (1 - commonest) if commonest < 1 else 0.0
    return torch.from_numpy(forest.feature_importances_).double(), max(score, 0.0)


def _normal_entropy(rows: Tensor) -> Tensor:
    """The entropy of each row (R, K), its sum made 1, to the base K; of an empty row 1: it tells nothing apart."""
    total = rows.sum(1, keepdim=True)
    shares = torch.where(total > 0, rows / total.clamp(min=1e-300), 1 / rows.shape[1])
    return torch.special.entr(shares).sum(1) / torch.tensor(float(rows.shape[1])).log()


def _information(levels: Tensor, v: Tensor) -> Tensor:
    """I(level; v) in nats of each unit's levels (D, N) and one factor's (N,), (D,)."""
    units, n = levels.shape
    k = int(v.max()) + 1
    places = (torch.arange(units)[:, None] * BINS + levels) * k + v
    joint = torch.bincount(places.flatten(), minlength=units * BINS * k).view(units, BINS, k).double() / n
    apart = joint.sum(2, keepdim=True) * joint.sum(1, keepdim=True)
    return torch.where(joint > 0, joint * (joint / apart.clamp(min=1e-300)).log(), 0.0).sum((1, 2))


def _entropy(counts: Tensor) -> Tensor:
    return torch.special.entr(counts.double() / counts.sum()).sum()


def _levels(values: Tensor) -> Tensor:
    """Which of 20 groups of equal size each value (N,) falls into; equal values fall into one."""
    values = values.double().contiguous()
    edges = torch.quantile(values, torch.linspace(0, 1, BINS + 1, dtype=values.dtype)[1:-1])
    return torch.searchsorted(edges.unique(), values, right=True)


def _classes(values: Tensor) -> Tensor:
    return values.unique(return_inverse=True)[1]
