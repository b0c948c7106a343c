"""How far a reconstruction is from its image."""

import math

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.functional.image import structural_similarity_index_measure

from src.contracts import full_precision


class ReconstructionFigures(Metric):
    """`se`, `mse`, `psnr` and `ssim` over a set of images, unclipped.

    - se: the squared error summed over an image's pixels and channels, mean over images;
    - mse: the same per pixel;
    - psnr: 10 log10(range^2 / mse) in dB, of the mean mse; only for values with ends;
    - ssim: structural similarity (Wang et al. 2004), mean over images, with the usual 11 x 11 Gaussian window of
      standard deviation 1.5, a narrower one for images under 11 pixels; only for images of at least 3 x 3 whose values
      have ends.

    Args:
        shape: of one example; ssim needs (channels, height, width).
        data_range: the lowest and the highest value of a pixel.
        over_processes: whether `compute` adds up what all processes of a distributed run have seen.
    """

    full_state_update = False
    se_sum: Tensor
    ssim_sum: Tensor
    images: Tensor

    def __init__(self, shape: tuple[int, ...], data_range: tuple[float, ...], over_processes: bool = True) -> None:
        super().__init__(sync_on_compute=over_processes)
        self.pixels, self.width = math.prod(shape), float(data_range[1] - data_range[0])
        self.ends = (float(data_range[0]), float(data_range[1]))
        self.sigma = ssim_sigma(shape) if math.isfinite(self.width) else None
        for name in ("se_sum", "ssim_sum", "images"):
            self.add_state(name, torch.zeros(()), dist_reduce_fx="sum")

    def update(self, x_hat: Tensor, x: Tensor) -> None:
        """Take a batch of reconstructions and images, (B, *shape) each."""
        x_hat, x = full_precision(x_hat), full_precision(x)
        # a model cast to half precision takes the sums with it: from 0 they are counted on in full
        self.se_sum = full_precision(self.se_sum) + (x_hat - x).square().sum()
        self.images = full_precision(self.images) + len(x)
        if self.sigma is not None:
            self.ssim_sum = full_precision(self.ssim_sum) + ssim_of_each(x_hat, x, self.ends, self.sigma).sum()

    def compute(self) -> dict[str, Tensor]:
        """The figures as scalars; `ssim` is absent where the examples are no images or too small."""
        se = self.se_sum / self.images
        mse = se / self.pixels
        figures = {"se": se, "mse": mse}
        if math.isfinite(self.width):
            figures["psnr"] = 10 * torch.log10(self.width**2 / mse)
        if self.sigma is not None:
            figures["ssim"] = self.ssim_sum / self.images
        return figures


def ssim_of_each(x_hat: Tensor, x: Tensor, ends: tuple[float, float], sigma: float) -> Tensor:
    """Structural similarity (B,) of reconstructions and images, (B, C, H, W) each, whose values lie between `ends`."""
    low, width = ends[0], ends[1] - ends[0]
    with torch.autocast(x.device.type, enabled=False):  # its variances are small differences of large numbers
        ssim = structural_similarity_index_measure(
            (x_hat - low) / width,  # as if black were 0 and white 1: ssim depends on where they stand
            (x - low) / width,
            sigma=sigma,
            data_range=1.0,
            reduction="none",
        )
    assert isinstance(ssim, Tensor)
    return ssim


def ssim_sigma(shape: tuple[int, ...]) -> float | None:
    """The standard deviation of the widest window that fits: torchmetrics makes it 2 int(3.5 sigma + 0.5) + 1 wide."""
    if len(shape) != 3 or min(shape[1:]) < 3:
        return None
    radius = min(5, (min(shape[1:]) - 1) // 2)
    return 1.5 if radius == 5 else radius / 3.5
