"""A VAE whose codes may tell more of their image, as long as all together follow the prior."""

from typing import Unpack, final

from src.bottlenecks import Gaussian
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.priors import StandardNormal
from src.ranges import NonNegativeFloat, PositiveInt
from src.regularizers import KLDivergence, MaximumMeanDiscrepancy
from src.regularizers.kernels import Kernel


@final
class InfoVariationalAutoencoder(ReconstructionModule):
    """min E[-log p(x|z)] + (1 - alpha) * KL(q(z|x) || p(z)) + (alpha + lambda_ - 1) * MMD^2(q(z), p(z)).

    Zhao, Song & Ermon, "InfoVAE: balancing learning and inference in variational autoencoders", AAAI 2019, equation 6
    with the discrepancy MMD (Gretton et al. 2012). alpha = 0 and lambda_ = 1 is the VAE; alpha = 1 leaves each
    posterior free (MMD-VAE).

    Args:
        alpha: how much information between image and code is rewarded; below 0 it costs.
        lambda_: weight of the aggregate posterior's distance from the prior; the logged term `mmd` has alpha + lambda_
            - 1, `kl` has 1 - alpha.
        kernel: of the discrepancy, "imq" or "rbf".

    Raises:
        UserError: one of the two weights is below 0.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        alpha: float = 0.9,
        lambda_: NonNegativeFloat = 10.0,
        kernel: Kernel = "imq",
        **parts: Unpack[Parts],
    ) -> None:
        if alpha > 1 or alpha + lambda_ < 1:
            raise UserError(
                f"model.alpha={alpha:g} and model.lambda_={lambda_:g} bring the weights 1 - alpha of the divergence or "
                "alpha + lambda_ - 1 of the discrepancy below 0. Use alpha up to 1, and lambda_ of at least 1 - alpha."
            )
        terms = {"kl": KLDivergence(1 - alpha), "mmd": MaximumMeanDiscrepancy(alpha + lambda_ - 1, kernel)}
        super().__init__(Gaussian(latent_dim), parts, terms, prior=StandardNormal(latent_dim))
