"""Figures of codes that are probability distributions."""

import torch
from torch import Tensor

from src.contracts import CategoricalCode, Code, GaussianCode, StochasticCode
from src.metrics.units import ACTIVE, active_units
from src.scorecard.contenders import AT_ONCE, Contender
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Images, Pool


def posterior_figures(who: Contender, pool: Pool) -> tuple[Findings, Tensor | None]:
    """`active_units` of a posterior; `kl` and `kl_units` of one whose divergence has a closed form. PCA has neither.

    The second is that divergence, see `kl_of`.
    """
    found = Findings()
    if who.model is None:
        return found, None
    kind = _code_type(who, pool.test)
    if not issubclass(kind, StochasticCode | CategoricalCode):
        why = f"The code of {who.name} is no distribution."
        return Findings(skipped=dict.fromkeys(("active_units", "kl", "kl_units"), why)), None
    if issubclass(kind, StochasticCode):
        found.scores["active_units"] = Measured(active_units(who.codes(pool.test)), n=len(pool.test))
    else:
        found.skipped["active_units"] = f"The prior of {who.name} is no normal one; varying_units is of any code."
    if not issubclass(kind, GaussianCode | CategoricalCode):
        why = f"The divergence of the posterior of {who.name} has no closed form."
        return Findings(found.scores, found.skipped | {"kl": why, "kl_units": why}), None
    kl = kl_of(who, pool.test)
    found.scores["kl"] = mean_of(kl.sum(1), unit="nats", seed=pool.seed)
    found.scores["kl_units"] = Measured(int((kl.mean(0) > ACTIVE).sum()), n=len(kl))
    return found, kl


@torch.no_grad()
def kl_of(who: Contender, images: Images) -> Tensor:
    """KL(q(z|x) || prior) of each unit (or categorical variable) of each image, (N, D), in nats."""
    assert who.model is not None
    parts = []
    for batch in images.batches(AT_ONCE):
        code = who.model.encode(batch.x, batch.y)
        assert isinstance(code, GaussianCode | CategoricalCode)
        parts.append(code.kl.flatten(1).float())
    return torch.cat(parts)


@torch.no_grad()
def _code_type(who: Contender, images: Images) -> type[Code]:
    return Code if who.model is None else type(who.model.encode(images.x[:1], images.y[:1]))
