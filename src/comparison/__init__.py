"""Runs beside each other: which variant is better, and by how much."""
