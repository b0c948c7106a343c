"""The score card: what a finished run is worth, each figure beside PCA at the same code size."""
