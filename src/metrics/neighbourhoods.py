"""Whether codes keep the neighbourhoods that images have."""

from torch import Tensor


def trustworthiness(x: Tensor, z: Tensor, k: int) -> float:
    """How far the k nearest codes are near as images too, in [0, 1], of images x (N, ...) and codes z (N, D).

    1 - 2 / (N k (2N - 3k - 1)) * sum_i sum_{j among the k nearest codes of i} max(0, r(i, j) - k),

    r(i, j) the rank of image j among the neighbours of image i. Venna & Kaski, "Neighborhood preservation in nonlinear
    projection methods: an experimental study", ICANN 2001. Time and memory grow with N^2; k must be under N / 2.
    """
    from sklearn.manifold import trustworthiness as measured

    return float(measured(x.flatten(1).numpy(), z.flatten(1).numpy(), n_neighbors=k))


def continuity(x: Tensor, z: Tensor, k: int) -> float:
    """How far the k nearest images have near codes too: trustworthiness with images and codes exchanged."""
    return trustworthiness(z, x, k)
