"""The small network in whose features samples are compared with data."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from src.scorecard.pool import Images

WIDTH = 64
"""Numbers in a feature vector."""
SMALLEST, LARGEST = 8, 32
"""Sides of an image in pixels: smaller ones are read as vectors, larger ones averaged down, which bounds the time."""
STEPS, BATCH, RATE = 400, 64, 3e-3
SPREAD = 100.0
"""Total variance of the training images' features, to which they are scaled."""


class FeatureNetwork(nn.Module):
    """x (B, *shape) -> features (B, 64): three convolutions for images, two layers for anything else; then classes.

    Inputs are standardised as the training images are. Features are scaled so that those of the training images have a
    total variance of 100: a distance between means reads in per cent of that, whatever scale training ended at.

    Args:
        shape: of one example.
        classes: how many the labels tell apart.
    """

    shift: Tensor
    scale: Tensor
    unit: Tensor

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        image = len(shape) == 3 and min(shape[1:]) >= SMALLEST
        self.per = (shape[0], *[1] * (len(shape) - 1)) if image else shape
        self.register_buffer("shift", torch.zeros(self.per))
        self.register_buffer("scale", torch.ones(self.per))
        self.register_buffer("unit", torch.ones(()))
        self.layers = _convolutions(shape) if image else _dense(math.prod(shape))
        self.classes = nn.Linear(WIDTH, classes)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d | nn.Linear):  # torch's own start would let signals die out, layer by layer
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        return self.hidden(x) * self.unit

    def hidden(self, x: Tensor) -> Tensor:
        """(B, *shape) -> (B, 64), not scaled."""
        out: Tensor = self.layers((x - self.shift) / self.scale)
        return out

    def scores(self, x: Tensor) -> Tensor:
        """(B, *shape) -> (B, classes)."""
        out: Tensor = self.classes(self.hidden(x))
        return out


def _convolutions(shape: tuple[int, ...]) -> nn.Sequential:
    channels, *sides = shape
    height, width = (min(side, LARGEST) for side in sides)
    smaller = [nn.AdaptiveAvgPool2d((height, width))] if max(sides) > LARGEST else []
    rows, columns = (-(-side // 4) for side in (height, width))
    return nn.Sequential(
        *smaller,
        nn.Conv2d(channels, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * rows * columns, WIDTH),
        nn.ReLU(),
    )


def _dense(inputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 256), nn.ReLU(), nn.Linear(256, WIDTH), nn.ReLU())


def new_network(images: Images, classes: int, seed: int) -> FeatureNetwork:
    """One that knows nothing yet but the mean and the spread of these training images."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = FeatureNetwork(tuple(images.x.shape[1:]), classes).eval()
    over = (0, *(axis + 1 for axis, size in enumerate(network.per) if size == 1 and images.x.shape[axis + 1] > 1))
    network.shift.copy_(images.x.mean(over).view(network.per))
    spread = images.x.std(over, unbiased=False).view(network.per)
    network.scale.copy_(torch.where(spread > 0, spread, torch.ones(())))
    set_unit(network, images)
    return network


def train(network: FeatureNetwork, images: Images, seed: int) -> None:
    """400 steps of 64 images by Adam, its rate rising and falling once (Smith & Topin 2019), on their labels."""
    rng = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
    with torch.enable_grad():
        for chosen in _batches(len(images), rng):
            loss = F.cross_entropy(network.scores(images.x[chosen]), images.y[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
    set_unit(network, images)


def _batches(n: int, rng: torch.Generator) -> list[Tensor]:
    """The places of the images of each step: all of them in an order of their own, epoch after epoch."""
    epochs = -(-STEPS * BATCH // n)
    order = torch.cat([torch.randperm(n, generator=rng) for _ in range(epochs)])
    return list(order[: STEPS * BATCH].split(BATCH))


@torch.no_grad()
def set_unit(network: FeatureNetwork, images: Images) -> None:
    """Scale the features so that those of the training images have a total variance of 100."""
    hidden = torch.cat([network.hidden(batch.x) for batch in images.batches()]).double()
    total = hidden.var(0, unbiased=False).sum()
    network.unit.copy_((SPREAD / total).sqrt() if total > 0 else torch.ones(()))
