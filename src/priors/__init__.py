"""Priors: the distributions that codes are drawn from when a model makes new images."""

from src.priors.base import Prior
from src.priors.mixture import GaussianMixture
from src.priors.standard_normal import StandardNormal
from src.priors.two_layers import TwoLayers
from src.priors.uniform_categorical import UniformCategorical
from src.priors.vamp import VampPrior

__all__ = ["GaussianMixture", "Prior", "StandardNormal", "TwoLayers", "UniformCategorical", "VampPrior"]
