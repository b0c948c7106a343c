"""How far one set of features is from another, as two normals."""

import torch
from torch import Tensor


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """The squared Fréchet distance between the normals with the moments of features a (N, F) and b (M, F).

    Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", NIPS 2017: the
    FID, where the features are those of their Inception network. It is too high on average for few examples, by an
    amount that depends on the generator, so figures compare at equal numbers of examples only. Computed in float64.

    Raises:
        ValueError: there are fewer than two examples, so no covariance, or values that are not finite.
    """
    for features in (a, b):
        if len(features) < 2 or not bool(features.isfinite().all()):
            raise ValueError("a Fréchet distance needs two finite feature vectors or more on each side")
    a, b = a.double(), b.double()
    return distance_of_normals(a.mean(0), covariance(a), b.mean(0), covariance(b))


def covariance(features: Tensor) -> Tensor:
    """The unbiased covariance (F, F) of features (N, F)."""
    centred = features - features.mean(0)
    return centred.T @ centred / (len(features) - 1)


def distance_of_normals(mean_a: Tensor, cov_a: Tensor, mean_b: Tensor, cov_b: Tensor) -> float:
    """||m_a - m_b||^2 + tr(C_a + C_b - 2 (C_a^1/2 C_b C_a^1/2)^1/2), means (F,) and covariances (F, F).

    Dowson & Landau, "The Fréchet distance between multivariate normal distributions", Journal of Multivariate Analysis
    12, 1982. The product between the two roots of C_a is symmetric, so that its root is real for singular covariances
    too; what rounding takes below zero stands for zero.
    """
    values, vectors = torch.linalg.eigh(cov_a)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    product = root @ cov_b @ root
    overlap = torch.linalg.eigvalsh((product + product.T) / 2).clamp(min=0).sqrt().sum()
    distance = (mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * overlap
    return max(float(distance), 0.0)
