"""Which images stand in which batch: by (seed, epoch) alone, and shared out among the processes."""

from collections.abc import Callable, Iterator, Mapping

import torch
import torch.distributed as dist
from torch import Tensor
from torch.utils.data import Sampler

from src.data.seeds import generator_for
from src.errors import UserError


class EpochBatches(Sampler[Tensor]):
    """The batches of an epoch as index tensors (B,) int64: a `batch_sampler` for torch's DataLoader.

    With W processes the images are cut into global batches of W * batch_size, and process r takes every W-th image of
    each, from the r-th on. So two processes at batch 64 see at each step the images that one process sees at 128, and a
    distributed run equals a single one. Use it with `Trainer(use_distributed_sampler=False)`.

    In training (`shuffle`) the order is drawn anew each epoch from (seed, epoch) and from nothing else: an interrupted
    run goes on with the order it would have had. All processes take equally many steps of equal size, for which the
    last global batch may lose up to W - 1 images (none with one process). In evaluation the order is that of the set
    and the processes part it among them: no image is lost and none comes twice, but one may get a batch more.

    Args:
        n: the number of images.
        batch_size: images in a batch of one process.
        seed: of the order, together with the epoch.
        epoch: read at the start of each pass.
        shuffle: training (see above) or evaluation.
        device: where the index tensors are wanted; the order of an epoch goes there at once.
    """

    def __init__(
        self,
        n: int,
        batch_size: int,
        seed: int,
        epoch: Callable[[], int],
        shuffle: bool,
        device: torch.device | None = None,
    ) -> None:
        self.n = n
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        self.shuffle = shuffle
        self.device = device

    def __len__(self) -> int:
        """How many batches this process gets."""
        world, rank = _world_and_rank()
        whole, left = divmod(self._images(world), world * self.batch_size)
        return whole + (left > rank)

    def __iter__(self) -> Iterator[Tensor]:
        world, rank = _world_and_rank()
        for global_batch in self._order()[: self._images(world)].to(self.device).split(world * self.batch_size):
            if len(global_batch) > rank:
                yield global_batch[rank::world]

    def _images(self, world: int) -> int:
        """How many images all processes take together."""
        return self.n - self.n % world if self.shuffle else self.n

    def _order(self) -> Tensor:
        if not self.shuffle:
            return torch.arange(self.n)
        return torch.randperm(self.n, generator=generator_for("order", self.seed, self.epoch()))


def check_shares(sizes: Mapping[str, int], processes: int) -> None:
    """Refuse sets that leave a process without an example: it would take no step, and the others would wait for it.

    Args:
        sizes: how many examples there are for each purpose, such as "train on".

    Raises:
        UserError: there are fewer examples than processes.
    """
    for purpose, n in sizes.items():
        if n < processes:
            devices = f"trainer.devices={n}" + " or fewer" * (n != 1)
            raise UserError(
                f"{n} example{'s' * (n != 1)} to {purpose} cannot be shared out among {processes} processes; take "
                f"{devices}, or more examples."
            )


def _world_and_rank() -> tuple[int, int]:
    """Asked when it is needed: the processes find each other after the data module was built."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_world_size(), dist.get_rank()
    return 1, 0
