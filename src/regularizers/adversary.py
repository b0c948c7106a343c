"""A critic that is trained beside the model."""

from abc import abstractmethod

from torch import Tensor, nn

from src.contracts import Autoencoding, Reconstruction
from src.regularizers.base import Regularizer
from src.schedules import Weight


class Adversary(Regularizer):
    """An ordinary term towards the model, and a loss of its own for the critic: one self-contained object.

    The model's step sees the critic fixed; the critic's step sees a detached pass. Each has its own optimizer over its
    own parameters.

    Args:
        critic: the network that judges; its parameters belong to its optimizer alone.
        rate: learning rate of the critic; None for the model's own.
        critic_steps: steps of the critic for each step of the model.
    """

    def __init__(self, weight: Weight, critic: nn.Module, rate: float | None = None, critic_steps: int = 1) -> None:
        super().__init__(weight)
        self.critic, self.rate, self.critic_steps = critic, rate, critic_steps

    @abstractmethod
    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        """What the model minimises, (B,) or (), with gradients through the critic but not to it."""

    @abstractmethod
    def critic_loss(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        """What the critic minimises, (B,) or (); `out` carries no gradient."""
