"""`make bench-data`: how fast and how small the way from stored examples to training batches is, as ratios of one run.

- MNIST from memory against the notebook's way (torchvision's data set, ToTensor for each image, a DataLoader with two
  workers): images per second, no model;
- training steps fed by the pipeline against a bare loop over float tensors that were converted beforehand, for the MLP
  784-512-32 and a small convolutional network: both loops are bare, so only the pipeline makes the difference;
- an image folder from its cache against the same pictures as an array, and how long decoding it took;
- peak memory of loading MNIST and going through it, above what the process had before, against the data's own bytes.

Medians over interleaved rounds, because machines drift. MNIST is looked for as `data=mnist` looks for it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from src.contracts import Batch
from src.data import DataModule, ImageFolder, Mnist

BATCH = 128
ROOT = os.environ.get("HOURGLASS_DATA", "data")
_MEMORY = """
import os, re, sys, torch
import src.data as rooms
def kilobytes(name):
    return int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1])
data = rooms.Mnist(shape=[1, 28, 28], root=sys.argv[1], batch_size=128)
torch.rand(128, 784).mul_(2)  # the libraries' own buffers
before = kilobytes("VmRSS")
highest = kilobytes("VmHWM")
assert highest < before * 1.2, "something large was freed: the peak would be its"
data.setup()
for loader in (data.train_dataloader(), data.test_dataloader()):
    for batch in loader:
        pass
stored = 70000 * 784
print((kilobytes("VmHWM") - before) * 1024 / stored)
"""


def pipeline(data: DataModule) -> Iterable[Batch]:
    """One epoch of the training set as the Trainer gets it."""
    return data.train_dataloader()


def rate(batches: Iterable[object], images: int) -> float:
    """Images per second of going through them."""
    began = time.perf_counter()
    for _ in batches:
        pass
    return images / (time.perf_counter() - began)


def notebook() -> Iterable[object]:
    """What a notebook does."""
    from torch.utils.data import DataLoader
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    return DataLoader(MNIST(ROOT, transform=ToTensor()), batch_size=BATCH, shuffle=True, num_workers=2)


def median_ratio(rounds: int, measured: Callable[[], float], against: Callable[[], float]) -> tuple[float, float]:
    """(the median rate, the median ratio) over interleaved rounds, after one to warm up."""
    measured()
    pairs = [(measured(), against()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(a / b for a, b in pairs)


def networks() -> dict[str, Callable[[], nn.Module]]:
    """The two networks of the training loops."""

    def mlp() -> nn.Module:
        layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 32), nn.Linear(32, 512), nn.ReLU()]
        return nn.Sequential(nn.Flatten(), *layers, nn.Linear(512, 784), nn.Unflatten(1, (1, 28, 28)))

    def conv() -> nn.Module:
        down = [nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()]
        up = [nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(16, 1, 4, 2, 1)]
        return nn.Sequential(*down, *up)

    return {"MLP 784-512-32": mlp, "conv 16-32": conv}


def trained(build: Callable[[], nn.Module], batches: Iterable[Tensor], steps: int) -> float:
    """Images per second of so many training steps."""
    net = build()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    began = time.perf_counter()
    for _, x in zip(range(steps), batches, strict=False):
        loss = (net(x) - x).square().flatten(1).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return steps * BATCH / (time.perf_counter() - began)


def fed_by_hand(x: Tensor) -> Iterable[Tensor]:
    """Batches cut from a float tensor."""
    return (x[index] for index in torch.randperm(len(x)).split(BATCH))


def folder_of_pictures(folder: Path, n: int) -> None:
    """Photographs made up on the spot, of several sizes, as JPEG and PNG."""
    from PIL import Image

    generator = np.random.default_rng(0)
    for i in range(n):
        height, width = generator.integers(100, 400, 2)
        coarse = generator.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((int(width), int(height)), Image.Resampling.BICUBIC)
        picture.save(folder / f"{i:05d}.{'jpg' if i % 2 else 'png'}")


def bench_folder(rounds: int, n: int) -> None:
    """Decoding once, then the cache against an array."""
    from src.data import Arrays

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "pictures"
        folder.mkdir()
        folder_of_pictures(folder, n)
        dials = {"shape": [3, 64, 64], "batch_size": BATCH}
        times = []
        for _ in range(2):
            began = time.perf_counter()
            cached = ImageFolder(root=str(folder), image_size=64, batch_size=BATCH)
            cached.setup()
            times.append(time.perf_counter() - began)
        np.save(Path(temporary) / "array.npy", cached.train_set.values.numpy())  # all of them, parted alike below
        array = Arrays(root=str(Path(temporary) / "array.npy"), test_fraction=0.1, **dials)  # type: ignore[arg-type]
        array.setup()

        def repeated(data: DataModule) -> float:
            return rate((batch for _ in range(10) for batch in pipeline(data)), 10 * len(data.train_set))

        per_second, ratio = median_ratio(rounds, lambda: repeated(cached), lambda: repeated(array))
        print(f"image folder, {n:,} pictures: decoded in {times[0]:.1f} s ({n / times[0]:,.0f} images/s), ", end="")
        print(f"opened again in {times[1]:.2f} s")
        print(f"  cached against an array        {per_second:12,.0f} images/s   {ratio:5.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300, help="training steps of a round")
    parser.add_argument("--pictures", type=int, default=2000)
    arguments = parser.parse_args()
    data = Mnist(shape=[1, 28, 28], root=ROOT, batch_size=BATCH)
    data.setup()
    n = len(data.train_set)
    print(f"cpu, {torch.get_num_threads()} threads, batch {BATCH}: images per second, and the ratio to the rival")
    per_second, ratio = median_ratio(
        min(arguments.rounds, 3), lambda: rate(pipeline(data), n), lambda: rate(notebook(), 60_000)
    )
    print(f"MNIST from memory against the notebook's way {per_second:,.0f} images/s   {ratio:5.1f}")
    x = data.train_set.stored.float() / 255
    for name, build in networks().items():
        per_second, ratio = median_ratio(
            arguments.rounds,
            lambda build=build: trained(build, (batch.x for batch in pipeline(data)), arguments.steps),  # type: ignore[misc]
            lambda build=build: trained(build, fed_by_hand(x), arguments.steps),  # type: ignore[misc]
        )
        print(f"  {name} against a bare loop {per_second:12,.0f} images/s   {ratio:5.2f}")
    bench_folder(arguments.rounds, arguments.pictures)
    peak = subprocess.run([sys.executable, "-c", _MEMORY, ROOT], capture_output=True, text=True, check=True)
    print(f"peak memory above the process's own, MNIST      {float(peak.stdout):5.2f} times the data")


if __name__ == "__main__":
    main()
