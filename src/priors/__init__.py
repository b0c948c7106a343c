"""Priors: the distributions that codes are drawn from when a model makes new images."""

from src.priors.base import Prior
from src.priors.standard_normal import StandardNormal

__all__ = ["Prior", "StandardNormal"]
