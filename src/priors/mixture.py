"""A prior fitted to codes afterwards."""

import math

import torch
from torch import Tensor

from src.errors import UserError
from src.priors.base import Prior


class GaussianMixture(Prior):
    """p(z) = sum_k w_k N(z; m_k, L_k L_k^T), fitted to the codes of training images by expectation maximisation.

    Ghosh et al., "From variational to deterministic autoencoders", ICLR 2020: sampling for models trained without a
    prior. Its parameters are buffers, so a checkpoint keeps them.

    Args:
        latent_dim: width D of a code.
        components: how many normals, K.

    Raises:
        UserError: asked for before it was fitted.
    """

    weights: Tensor
    means: Tensor
    factors: Tensor
    fitted: Tensor

    def __init__(self, latent_dim: int, components: int) -> None:
        super().__init__()
        self.latent_dim, self.components = latent_dim, components
        self.register_buffer("weights", torch.zeros(components))
        self.register_buffer("means", torch.zeros(components, latent_dim))
        self.register_buffer("factors", torch.zeros(components, latent_dim, latent_dim))
        self.register_buffer("fitted", torch.tensor(False))

    @property
    def ready(self) -> bool:
        return bool(self.fitted)

    def fit(self, codes: Tensor, seed: int) -> None:
        """Fit to codes (N, D): full covariances, one start by k-means, as scikit-learn does it.

        Fewer codes than components leave the rest of them with weight 0.
        """
        from sklearn.mixture import GaussianMixture as Fit

        z = codes.detach().double().cpu()
        if not bool(z.isfinite().all()):
            raise UserError("codes are NaN or infinite, so no mixture fits them; try a smaller optimizer.lr")
        if len(z) == 1:  # one code has no spread to fit
            z = z + 1e-3 * torch.eye(self.latent_dim, dtype=z.dtype)[:1] * torch.tensor([[-1.0], [1.0]], dtype=z.dtype)
        k = min(self.components, len(z))
        found = Fit(k, covariance_type="full", random_state=seed, reg_covar=1e-6 * max(1.0, float(z.var()))).fit(
            z.numpy()
        )
        self.weights.zero_()
        self.factors.zero_()
        self.weights[:k] = torch.from_numpy(found.weights_)
        self.means[:k] = torch.from_numpy(found.means_)
        self.factors[:k] = torch.linalg.cholesky(torch.from_numpy(found.covariances_))
        self.factors[k:] = torch.eye(self.latent_dim)
        self.fitted.fill_(True)

    def sample(self, n: int) -> Tensor:
        self._check()
        which = torch.multinomial(self.weights.float(), n, replacement=True)
        eps = torch.randn(n, self.latent_dim, device=self.means.device, dtype=self.means.dtype)
        return self.means[which] + (self.factors[which] @ eps[..., None])[..., 0]

    def log_prob(self, z: Tensor) -> Tensor:
        self._check()
        factors = self.factors.to(z.dtype)
        off = (z[..., None, :] - self.means.to(z.dtype))[..., None]  # (..., K, D, 1)
        eps = torch.linalg.solve_triangular(factors, off, upper=False)[..., 0]
        log_scale = factors.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        each = -0.5 * (eps**2 + math.log(2 * math.pi)).sum(-1) - log_scale
        return torch.logsumexp(each + self.weights.to(z.dtype).log(), -1)

    def _check(self) -> None:
        if not self.ready:
            raise UserError("this model's prior is a mixture fitted when training ends; until then it cannot sample")
