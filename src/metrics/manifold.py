"""Whether samples lie where the data lies, and whether they reach all of it."""

from typing import NamedTuple

import torch
from torch import Tensor

ROWS_AT_ONCE = 1024


class ManifoldFigures(NamedTuple):
    """Four figures, each the mean of one number an example."""

    precision: Tensor
    """(M,) 0 or 1, of each sample."""
    recall: Tensor
    """(N,) 0 or 1, of each real example."""
    density: Tensor
    """(M,) 0 or more, of each sample."""
    coverage: Tensor
    """(N,) 0 or 1, of each real example."""


def manifold_figures(real: Tensor, samples: Tensor, k: int) -> ManifoldFigures:
    """Precision, recall, density and coverage of the features of samples (M, F), those of the data being real (N, F).

    Around each example stands a ball that reaches to its k-th nearest neighbour in its own set; the border counts.

    - precision: is the sample in the ball of any real example? recall: is the real example in the ball of any sample?
      Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models", NeurIPS 2019.
    - density: in how many real balls is the sample, divided by k (1 on average where samples are like the data, and
      without an upper end); coverage: is any sample in the ball of the real example? Naeem et al., "Reliable fidelity
      and diversity metrics for generative models", ICML 2020.

    All depend on N and M, so figures compare at equal numbers of both only. Memory grows with N + M, not with N * M.

    Raises:
        ValueError: a set has no k-th neighbour.
    """
    if min(len(real), len(samples)) <= k:
        raise ValueError(f"a set of {min(len(real), len(samples))} examples has no neighbour number {k}")
    reach, own_reach = radii(real, k), radii(samples, k)
    balls, recalled, covered = torch.zeros(len(samples)), [], []
    for part, ends in zip(real.split(ROWS_AT_ONCE), reach.split(ROWS_AT_ONCE), strict=True):
        distances = _distances(part, samples)
        within = distances <= ends[:, None]
        balls += within.sum(0)
        covered.append(within.any(1))
        recalled.append((distances <= own_reach).any(1))
    return ManifoldFigures((balls > 0).float(), torch.cat(recalled).float(), balls / k, torch.cat(covered).float())


def radii(features: Tensor, k: int) -> Tensor:
    """The distance (N,) of each of the features (N, F) to its k-th nearest neighbour, itself not counted."""
    found = []
    for begin, part in enumerate(features.split(ROWS_AT_ONCE)):
        distances = _distances(part, features)
        itself = torch.arange(len(part))
        distances[itself, begin * ROWS_AT_ONCE + itself] = torch.inf
        found.append(distances.kthvalue(k, dim=1).values)
    return torch.cat(found)


def _distances(a: Tensor, b: Tensor) -> Tensor:
    """(N, F), (M, F) -> (N, M), by differences: through products, near ones would come out unequal to themselves."""
    return torch.cdist(a.float(), b.float(), compute_mode="donot_use_mm_for_euclid_dist")
