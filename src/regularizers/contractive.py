"""The squared Frobenius norm of the encoder's Jacobian."""

import torch
from torch import Tensor
from torch.func import jacrev, jvp, vmap

from src.contracts import Autoencoding, Noise, Reconstruction, full_precision
from src.errors import UserError
from src.ranges import PositiveInt
from src.regularizers.base import Regularizer
from src.schedules import Weight

EXACT_UP_TO = 16
"""Code widths up to which the exact Jacobian costs less than it tells: D backward passes an image."""


class Contractive(Regularizer):
    """||J||_F^2 = sum_ij (dz_j / dx_i)^2 of each image, (B,), at what the encoder saw.

    Rifai et al., "Contractive Auto-Encoders: Explicit Invariance During Feature Extraction", ICML 2011. Computed

    - in closed form where the encoder is one affine map and an activation: sum_j slope_j^2 ||W_j||^2;
    - exactly, row by row in reverse mode, for codes of up to 16 units;
    - by `probes` random directions v ~ N(0, I) otherwise, since E ||J v||^2 = ||J||_F^2: unbiased, its standard
      deviation falls with 1 / sqrt(probes). Without `probes` a wider code takes one.

    For a stochastic code z stands for its mean. In training dropout masks are drawn anew for the penalty. All of it is
    computed without autocast.

    Args:
        probes: how many random directions; None takes the exact norm wherever one of the first two cases holds.
    """

    def __init__(self, weight: Weight, probes: PositiveInt | None = None) -> None:
        super().__init__(weight)
        self.probes = probes

    def check_capabilities(self, name: str, capabilities: frozenset[str]) -> None:
        super().check_capabilities(name, capabilities)
        if "reconstruct" not in capabilities:
            raise UserError(
                f"the term '{name}' encodes whole images again, which this model's encoder never sees. Leave out "
                f"regularizer={name}, or choose another model."
            )

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        with torch.autocast(out.seen.device.type, enabled=False):
            if self.probes is None:
                closed = model.jacobian_sq_norm(out.seen)
                if closed is not None:
                    return closed
                if out.code.z[0].numel() <= EXACT_UP_TO:
                    return exact_sq_norm(model, out.seen, out.y)
            return estimated_sq_norm(model, out.seen, self.probes or 1, out.noise, out.y)


def exact_sq_norm(model: Autoencoding, x: Tensor, y: Tensor | None = None) -> Tensor:
    """||dz/dx||_F^2 of each image x (B, *shape), (B,), by the full Jacobian."""

    def code(image: Tensor, label: Tensor) -> Tensor:
        return full_precision(model.encode(image[None], label[None]).z[0]).flatten()

    labels = x.new_full((len(x),), -1, dtype=torch.int64) if y is None else y
    jacobian = vmap(jacrev(code), randomness="different")(x, labels)
    return full_precision(jacobian).square().flatten(1).sum(1)


def estimated_sq_norm(model: Autoencoding, x: Tensor, probes: int, noise: Noise, y: Tensor | None = None) -> Tensor:
    """An unbiased estimate of ||dz/dx||_F^2 of each image x (B, *shape), (B,), from `probes` random directions."""

    def code(images: Tensor) -> Tensor:
        return model.encode(images, y).z

    moved = [full_precision(jvp(code, (x,), (noise.normal(x),))[1]) for _ in range(probes)]
    squares = [directional.square().flatten(1).sum(1) for directional in moved]
    return torch.stack(squares).mean(0)
