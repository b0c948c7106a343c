"""Flows: invertible maps that bend a simple distribution into a richer one, and tell by how much."""

from src.flows.base import Flow
from src.flows.inverse_autoregressive import InverseAutoregressive
from src.flows.planar import Planar

__all__ = ["Flow", "InverseAutoregressive", "Planar"]
