"""Figures of merit."""

from src.metrics.reconstruction import ReconstructionFigures

__all__ = ["ReconstructionFigures"]
