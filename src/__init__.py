"""Hourglass: train, measure and compare autoencoders."""
