"""Figures in decibels, of errors that are means over the same examples."""

import torch
from torch import Tensor

from src.scorecard.findings import Better, Measured, interval


def psnr(error: Measured, peak: float) -> Measured:
    """10 log10(peak / mean error) in dB, of the mean and not the mean of it; the interval through the same formula.

    Args:
        error: a mean squared error.
        peak: the largest that it could be between two values in the range: range^2 where the error is by the pixel,
            range^2 * pixels where it is summed over an image.
    """
    return error.through(lambda value: 10 * torch.log10(peak / value), "higher", "dB")


def gain(over: Measured, error: Measured, better: Better | None = None) -> Measured:
    """10 log10(mean error of another / mean error) in dB, both resampled alike."""
    value = float(_db(torch.tensor(over.value, dtype=torch.float64), torch.tensor(error.value, dtype=torch.float64)))
    if over.resampled is None or error.resampled is None:
        return Measured(value, better, "dB", n=error.n)
    resampled = _db(over.resampled, error.resampled)
    return Measured(value, better, "dB", *interval(resampled), error.n, resampled)


def _db(above: Tensor, below: Tensor) -> Tensor:
    return 10 * torch.log10(above / below)
