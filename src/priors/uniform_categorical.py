"""The prior of categorical variables."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from src.priors.base import Prior


class UniformCategorical(Prior):
    """Every category of every variable is as likely: codes (n, variables * categories), one-hot in each variable."""

    origin: Tensor

    def __init__(self, variables: int, categories: int) -> None:
        super().__init__()
        self.variables, self.categories = variables, categories
        self.register_buffer("origin", torch.zeros(()), persistent=False)  # tells the device and the type

    def sample(self, n: int) -> Tensor:
        drawn = torch.randint(self.categories, (n, self.variables), device=self.origin.device)
        return F.one_hot(drawn, self.categories).flatten(1).to(self.origin.dtype)

    def log_prob(self, z: Tensor) -> Tensor:
        """log P(z) of one-hot codes z: -variables * log categories, whichever they are."""
        return z.new_full(z.shape[:-1], -self.variables * math.log(self.categories))
