"""Regularizers: terms that measure a pass and add to its loss."""

from src.regularizers.activity import L1Activity, L2Activity
from src.regularizers.base import Regularizer
from src.regularizers.contractive import Contractive
from src.regularizers.kl_divergence import KLDivergence
from src.regularizers.kl_sparsity import KLSparsity

__all__ = ["Contractive", "KLDivergence", "KLSparsity", "L1Activity", "L2Activity", "Regularizer"]
