"""A posterior that a flow bends out of a Gaussian one."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from src.bottlenecks.base import Bottleneck
from src.bottlenecks.gaussian import Gaussian
from src.contracts import GaussianCode, Noise, StochasticCode
from src.flows import Flow


@dataclass(frozen=True)
class FlowCode(StochasticCode):
    """z = flow(z_0), z_0 ~ N(mean, std^2) = `start`; until a sample is drawn z is where the mean goes.

    log q(z|x) = log N(z_0; mean, std^2) - log |det dz/dz_0| (Rezende & Mohamed 2015).
    """

    start: GaussianCode
    log_det: Tensor
    """log |det dz/dz_0| at the z at hand, (B,), in nats."""
    flow: Callable[[Tensor], tuple[Tensor, Tensor]]
    """z_0 (..., B, D) -> z (..., B, D) and log |det dz/dz_0| (..., B), for these very images."""

    def drawn(self, noise: Noise) -> "FlowCode":
        start = self.start.drawn(noise)
        z, log_det = self.flow(start.z)
        return replace(self, z=z, start=start, log_det=log_det)

    @property
    def log_q(self) -> Tensor:
        return self.start.log_q - self.log_det

    def rsample(self, k: int, noise: Noise) -> tuple[Tensor, Tensor]:
        start, log_q = self.start.rsample(k, noise)
        z, log_det = self.flow(start)
        return z, log_q - log_det


class Flowing(Bottleneck):
    """Features are mean and log variance of z_0, then what the flow is told of the image; z = flow(z_0).

    Args:
        flow: for codes of `latent_dim` numbers.
    """

    code_type = FlowCode

    def __init__(self, latent_dim: int, flow: Flow) -> None:
        super().__init__(latent_dim, 2 * latent_dim + flow.context)
        self.start, self.flow = Gaussian(latent_dim), flow

    def forward(self, features: Tensor) -> FlowCode:
        start, context = features.split([2 * self.latent_dim, self.flow.context], dim=1)
        code = self.start(start)

        def flow(z: Tensor) -> tuple[Tensor, Tensor]:
            moved: tuple[Tensor, Tensor] = self.flow(z, context)
            return moved

        z, log_det = flow(code.mean)
        return FlowCode(z, code, log_det, flow)
