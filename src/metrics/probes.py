"""What a simple reader of codes makes of them: classes by a linear map, by neighbours and by clusters."""

import warnings

import numpy as np
import torch
from torch import Tensor

WIDEST = 256
"""Readers see this many principal components of codes that are wider."""
LEAST_SPREAD = 1e-4
"""The least standard deviation that a unit is divided by, as a share of the largest."""


def linear_probe(z: Tensor, y: Tensor, z_test: Tensor, y_test: Tensor) -> Tensor:
    """1 for each test code whose class a linear map tells, else 0, (M,) (Alain & Bengio 2017).

    Multinomial logistic regression with scikit-learn's default penalty, of codes that are standardised by the mean and
    the standard deviation of the training codes. At most 500 steps of L-BFGS.

    Args:
        z, y: (N, D) codes to fit on and their classes (N,), of which there are at least two.
        z_test, y_test: (M, D) and (M,).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    z, z_test = _narrowed(*_standardised(z, z_test))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # classes that a plane parts push its weights up for ever
        probe = LogisticRegression(max_iter=500, tol=1e-3).fit(z.numpy(), y.numpy())
    return _hits(probe.predict(z_test.numpy()), y_test)


def nearest_neighbours(z: Tensor, y: Tensor, z_test: Tensor, y_test: Tensor, k: int) -> Tensor:
    """1 for each test code whose class is the commonest among the k nearest training codes, else 0, (M,).

    Distances are Euclidean, of the codes as they are: a unit that says nothing should count for as little as it varies.
    Arguments as in `linear_probe`; k is N at most.
    """
    from sklearn.neighbors import KNeighborsClassifier

    mean = z.mean(0)
    z, z_test = _narrowed(z - mean, z_test - mean)
    reader = KNeighborsClassifier(k, algorithm="brute").fit(z.numpy(), y.numpy())
    return _hits(reader.predict(z_test.numpy()), y_test)


def cluster_agreement(z: Tensor, y: Tensor, seed: int) -> tuple[float, float]:
    """How well k-means, told how many classes there are but not which, finds them again in codes z (N, D).

    Returns normalised mutual information (Strehl & Ghosh 2002) and the adjusted Rand index (Hubert & Arabie 1985) of
    clusters and classes y (N,): 1 where they are the same, about 0 where they have nothing to do with each other. The
    best of 10 starts; distances as in `nearest_neighbours`.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    (z,) = _narrowed(z - z.mean(0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer distinct codes than classes: the agreement says so itself
        clusters = KMeans(len(y.unique()), n_init=10, random_state=seed).fit_predict(z.numpy())
    classes = y.numpy()
    return float(normalized_mutual_info_score(classes, clusters)), float(adjusted_rand_score(classes, clusters))


def _standardised(z: Tensor, z_test: Tensor) -> tuple[Tensor, Tensor]:
    mean, std = z.mean(0), z.std(0, correction=0)
    floor = LEAST_SPREAD * std.max()  # a unit that woke for a single training image would blow test codes up
    std = std.clamp(min=float(floor) or 1.0)
    return (z - mean) / std, (z_test - mean) / std


def _narrowed(z: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
    """Codes whose mean is 0, in the principal components of z where they are wider than `WIDEST`."""
    if z.shape[1] <= WIDEST:
        return z, *others
    from sklearn.decomposition import PCA

    k = min(WIDEST, len(z))
    fitted = PCA(k, svd_solver="randomized", iterated_power=2, random_state=0).fit(z.numpy())
    return tuple(torch.from_numpy(fitted.transform(part.numpy())) for part in (z, *others))


def _hits(told: np.ndarray, y: Tensor) -> Tensor:
    return (torch.from_numpy(told) == y).double()
