"""`make bench`: training through the framework against a bare PyTorch loop, on the same network and images.

Prints images per second of both and their ratio, the median over interleaved rounds, because machines drift. The
network is the MLP 784-512-32 mirrored, batch 128, fused Adam, on images of MNIST's size and number made up on the spot.
"""

import argparse
import statistics
import time
from functools import partial

import torch
from lightning.pytorch import Trainer
from torch import nn

from src.callbacks import Progress, Record
from src.data.example_set import ExampleSet
from src.data.examples import Examples
from src.data.module import DataModule
from src.losses import SquaredError
from src.models import UndercompleteAutoencoder
from src.networks import MlpNetwork
from src.surroundings import quiet_lightning

BATCH = 128


class MadeUp(DataModule):
    """Random images; speed does not depend on what they show."""

    class_names = ("none",)

    def __init__(self, n: int) -> None:
        super().__init__(
            shape=[1, 28, 28], range=[0, 1], batch_size=BATCH, seed=0, split_seed=0, binarize="none", limit=None
        )
        self.n = n

    def load(self) -> tuple[Examples, Examples, Examples]:
        pixels = torch.randint(0, 256, (self.n, 1, 28, 28), dtype=torch.uint8)
        images = Examples(pixels, torch.zeros(self.n).long(), {})
        return images, images.take(slice(BATCH)), images.take(slice(BATCH))


def through_the_framework(data: MadeUp, progress: bool) -> float:
    """Examples per second of one epoch with everything that trains, without validation and pictures."""
    model = UndercompleteAutoencoder(
        32,
        shape=[1, 28, 28],
        data_range=[0, 1],
        network=partial(MlpNetwork, hidden=[512]),
        loss=SquaredError(),
        regularizers={},
        corruption=None,
        optimizer=partial(torch.optim.Adam, lr=1e-3, fused=True),
        scheduler=None,
        seed=0,
    )
    record = Record()
    with quiet_lightning():
        trainer = Trainer(
            max_epochs=1,
            accelerator="auto",
            devices=1,
            callbacks=[record, *([Progress(live=True)] if progress else [])],
            logger=False,
            enable_progress_bar=progress,
            enable_model_summary=False,
            use_distributed_sampler=False,
            limit_val_batches=0,
            default_root_dir="outputs/benchmark",
        )
        trainer.fit(model, datamodule=data)
    assert record.images_per_second is not None
    return record.images_per_second


def bare_loop(images: ExampleSet, device: torch.device) -> float:
    """Examples per second of the shortest loop that trains the same network on the same batches."""
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 32))
    decoder = nn.Sequential(nn.Linear(32, 512), nn.ReLU(), nn.Linear(512, 784))
    net = nn.Sequential(encoder, decoder).to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    began = time.perf_counter()
    for index in torch.randperm(len(images)).split(BATCH):
        x = images.stored[index].to(device).float().div_(255)
        loss = (net(x) - x.flatten(1)).square().sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return len(images) / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    data = MadeUp(arguments.images)
    data.setup()
    rates: dict[str, list[float]] = {"bare loop": [], "framework": [], "framework with progress bar": []}
    bare_loop(data.train_set, device)  # warm up
    for _ in range(arguments.rounds):
        rates["bare loop"].append(bare_loop(data.train_set, device))
        rates["framework"].append(through_the_framework(data, progress=False))
        rates["framework with progress bar"].append(through_the_framework(data, progress=True))
    print(f"{device}, {torch.get_num_threads()} threads, {arguments.images} images, MLP 784-512-32, batch {BATCH}")
    for name, measured in rates.items():
        ratios = [a / b for a, b in zip(measured, rates["bare loop"], strict=True)]
        rate, ratio = statistics.median(measured), statistics.median(ratios)
        print(f"{name:30} {rate:10,.0f} images/s   {ratio:.2f} of the bare loop")


if __name__ == "__main__":
    main()
