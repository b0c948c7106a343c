"""How strongly the code answers to the image."""

import torch
from torch import Tensor

from src.contracts import DiscreteCode
from src.metrics.jacobian import Encode, estimated_sq_norm, singular_values
from src.noise import IndexedNoise
from src.scorecard.contenders import AT_ONCE, Contender, Rival
from src.scorecard.findings import Findings, mean_of
from src.scorecard.pool import Images, Pool


def jacobian_figures(
    who: Contender, pool: Pool, images: int, exact_up_to: int, probes: int
) -> tuple[Findings, Tensor | None]:
    """`jacobian_norm` and `relative_jacobian_norm`, and the singular values (images, K) of each Jacobian.

    Codes of up to `exact_up_to` numbers: the whole Jacobian. Wider ones have no singular values, and their squared norm
    is the model's closed form or an estimate by `probes` directions; the root of an estimate is too small on average,
    by 1 / (4 probes) of it at most.
    """
    why = _no_derivative(who, pool.test)
    if why:
        return Findings(skipped=dict.fromkeys(("jacobian_norm", "relative_jacobian_norm"), why)), None
    some = pool.test.some(images)
    width = who.codes(pool.test).shape[1]
    if width <= exact_up_to:
        spectrum = singular_values(_encode_of(who), some.x, some.y)
        return _figures(who, pool, spectrum.square().sum(1).sqrt()), spectrum
    square, way = _closed_form(who, some), "has a closed form"
    if square is None:
        encode, way = _encode_of(who), f"is estimated by {probes} random directions"
        parts = ((b.x, b.y, IndexedNoise(pool.seed, b.index)) for b in some.batches(AT_ONCE))
        square = torch.cat([estimated_sq_norm(encode, x, y, noise, probes) for x, y, noise in parts])
    found = _figures(who, pool, square.sqrt())
    if who.model is not None:
        found.skipped["jacobian_singular_values"] = (
            f"The code of {who.name} has {width} numbers and a whole Jacobian is computed up to {exact_up_to} "
            f"(exact_up_to); its norm {way}."
        )
    return found, None


@torch.no_grad()
def _closed_form(who: Contender, images: Images) -> Tensor | None:
    """||dz/dx||_F^2 of each image, (N,), where it is known: PCA's axes are orthonormal, so its is its code size."""
    if isinstance(who, Rival):
        return torch.full((len(images),), float(len(who.pca.components)))
    parts = [None if who.model is None else who.model.jacobian_sq_norm(b.x) for b in images.batches(AT_ONCE)]
    found = [part for part in parts if part is not None]
    return torch.cat(found) if found else None


def _figures(who: Contender, pool: Pool, norm: Tensor) -> Findings:
    if not norm.isfinite().all():
        why = f"The Jacobian of {who.name} is not finite."
        return Findings(skipped=dict.fromkeys(("jacobian_norm", "relative_jacobian_norm"), why))
    found = Findings({"jacobian_norm": mean_of(norm, seed=pool.seed)})
    spread, spread_x = _spread(who.codes(pool.test)), _spread(pool.test.x.flatten(1))
    if spread > 0:
        found.scores["relative_jacobian_norm"] = mean_of(norm * (spread_x / spread), "lower", seed=pool.seed)
    else:
        found.skipped["relative_jacobian_norm"] = f"{who.name} gives every image the same code."
    return found


def _spread(points: Tensor) -> float:
    """The root mean square distance of points (N, D) from their mean."""
    return float(points.double().var(0, correction=0).sum().sqrt())


def _encode_of(who: Contender) -> Encode:
    """Its code as derivatives are taken of it: a contender's own `encode` may have switched them off."""
    model = who.model
    if model is None:
        return who.encode
    return lambda x, y: model.encode(x, y).z


def _no_derivative(who: Contender, images: Images) -> str | None:
    if who.model is None:
        return None
    with torch.no_grad():
        code = who.model.encode(images.x[:1], images.y[:1])
    if isinstance(code, DiscreteCode):
        return f"The code of {who.name} consists of symbols, which do not change with small changes of the image."
    return None
