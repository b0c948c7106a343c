"""Who is measured: the model of a run, and PCA beside it, through the same few methods."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from src.contracts import Autoencoding
from src.pca import PCA
from src.scorecard.pool import Images

AT_ONCE = 256


class Contender(ABC):
    """A way to encode, reconstruct and sample; everything is on the CPU, in float32 and without gradients.

    What is measured of it more than once (codes, reconstructions of a set of images) is computed once.
    """

    name: str
    """As it stands in a table: a class name, or "PCA-8"."""
    can: frozenset[str]
    """Of "encode", "reconstruct", "sample" and "likelihood"."""
    model: Autoencoding | None = None
    """The model itself, where it is one, for what only models have."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Images], Tensor] = {}

    def codes(self, images: Images) -> Tensor:
        """(N, D): the code of each clean image, at its mean where it is stochastic; maps are flattened."""
        return self._of("codes", images, self.encode)

    def reconstructions(self, images: Images) -> Tensor:
        """(N, *shape): x_hat of each clean image, not clipped."""
        return self._of("reconstructions", images, self.reconstruct)

    def _of(self, what: str, images: Images, function: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        if (what, images) not in self._kept:
            parts = [function(batch.x, batch.y) for batch in images.batches(AT_ONCE)]
            self._kept[what, images] = torch.cat(parts)
        return self._kept[what, images]

    @abstractmethod
    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, *shape) -> (B, D)."""

    @abstractmethod
    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, *shape) -> (B, *shape), for any input: corrupted images too."""

    @abstractmethod
    def sample(self, n: int, seed: int, y: Tensor | None = None) -> Tensor:
        """n new images (n, *shape), the same for the same seed; `y` (n,) are the classes asked for."""

    @abstractmethod
    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(B, D) codes as `encode` gives them -> (B, *shape) images."""


class Trained(Contender):
    """The model of a run, in evaluation mode."""

    def __init__(self, model: Autoencoding) -> None:
        super().__init__()
        self.model, self.name, self.can = model, type(model).__name__, model.capabilities
        self._map: tuple[int, ...] | None = None

    @torch.no_grad()
    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        assert self.model is not None
        z = self.model.encode(x, y).z
        self._map = tuple(z.shape[1:])
        return z.flatten(1).float()

    @torch.no_grad()
    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        assert self.model is not None
        return self.model.image(self.model.decode(z.view(len(z), *(self._map or z.shape[1:])), y)).float()

    @torch.no_grad()
    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        assert self.model is not None
        return self.model.reconstruct(x, y).float()

    @torch.no_grad()
    def sample(self, n: int, seed: int, y: Tensor | None = None) -> Tensor:
        assert self.model is not None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            parts = [
                self.model.sample(len(index), None if y is None else y[index])
                for index in torch.arange(n).split(AT_ONCE)
            ]
        return torch.cat(parts).float()


class Rival(Contender):
    """PCA at the model's code size, fitted on the training examples; it samples as the normal of its codes.

    Args:
        pca: fitted on the training set.
        train: where the spread of its codes is taken from.
    """

    can = frozenset({"encode", "decode", "reconstruct", "sample"})

    def __init__(self, pca: PCA, train: Images) -> None:
        super().__init__()
        self.pca, self.name = pca, f"PCA-{len(pca.components)}"
        self._shape = tuple(train.x.shape[1:])
        self._spread = self.codes(train).std(0)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.pca.encode(x)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.pca.decode(z).view(-1, *self._shape)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.pca.reconstruct(x)

    def sample(self, n: int, seed: int, y: Tensor | None = None) -> Tensor:
        z = torch.randn(n, len(self._spread), generator=torch.Generator().manual_seed(seed)) * self._spread
        return self.decode(z)
