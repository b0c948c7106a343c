"""The two colours of a card's pictures."""

from src.drawing.class_colours import PALETTE

COLOURS = (PALETTE[0], PALETTE[9])
"""Of the model and of PCA, in every picture that has both."""
