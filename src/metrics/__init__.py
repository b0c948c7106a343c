"""Figures of merit."""

from src.metrics.likelihood import log_likelihood
from src.metrics.reconstruction import ReconstructionFigures

__all__ = ["ReconstructionFigures", "log_likelihood"]
