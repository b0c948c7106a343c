"""Bottlenecks: what turns the encoder's features into a code."""

from src.bottlenecks.base import Bottleneck
from src.bottlenecks.deterministic import Deterministic
from src.bottlenecks.gaussian import Gaussian

__all__ = ["Bottleneck", "Deterministic", "Gaussian"]
