"""How strongly a code answers to its image: the encoder's Jacobian dz/dx."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import jacrev, jvp, vmap

from src.contracts import Noise, full_precision

Encode = Callable[[Tensor, Tensor], Tensor]
"""Images (B, *shape) and their classes (B,) -> codes (B, ...)."""

AT_ONCE = 16
"""Images whose Jacobians are computed together."""


def singular_values(encode: Encode, x: Tensor, y: Tensor) -> Tensor:
    """The singular values of dz/dx at each image, descending, (B, min(D, inputs)), from the whole Jacobian.

    Row by row in reverse mode: D backward passes an image. No more than 16 whole Jacobians are held at once.
    """

    def code(image: Tensor, label: Tensor) -> Tensor:
        return full_precision(encode(image[None], label[None])[0]).flatten()

    rows = vmap(jacrev(code))
    with torch.no_grad():  # the derivatives are taken within; nothing is kept for derivatives of them
        parts = zip(x.split(AT_ONCE), y.split(AT_ONCE), strict=True)
        return torch.cat([torch.linalg.svdvals(rows(*part).flatten(2)) for part in parts])


def estimated_sq_norm(encode: Encode, x: Tensor, y: Tensor, noise: Noise, probes: int) -> Tensor:
    """||dz/dx||_F^2 of each image x (B, *shape), (B,), estimated from `probes` directions v ~ N(0, I) of its pixels.

    E ||J v||^2 = ||J||_F^2 (Hutchinson 1989): unbiased, with a relative standard deviation of at most
    sqrt(2 / probes), and the less the more directions the code answers to.
    """

    def code(images: Tensor) -> Tensor:
        return full_precision(encode(images, y)).flatten(1)

    total = x.new_zeros(len(x))
    with torch.no_grad():
        for _ in range(probes):
            total += jvp(code, (x,), (noise.normal(x),))[1].square().sum(1)
    return total / probes
