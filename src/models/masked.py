"""Learning by filling in what is hidden."""

import math
from dataclasses import dataclass
from typing import Any, Unpack, cast, final

import torch
from torch import Tensor, nn

from src.bottlenecks import Deterministic
from src.contracts import Batch, Code, Reconstruction, full_precision
from src.errors import UserError
from src.losses import PixelLoss
from src.models.base import Parts, ReconstructionModule
from src.networks import TransformerNetwork
from src.ranges import OpenFraction, PositiveInt, blank


@dataclass(frozen=True)
class Shown:
    """Which patches of each image the encoder sees."""

    places: Tensor
    """(B, n) int64, in ascending order."""
    kept: Tensor
    """(B, *shape) bool, False where a pixel is hidden."""


@final
class MaskedAutoencoder(ReconstructionModule):
    """min E sum over hidden pixels of loss(x, g(f(patches of x that are shown))): patches are hidden at random.

    He et al., "Masked autoencoders are scalable vision learners", CVPR 2022. The encoder sees the patches that are
    shown and nothing else; the decoder is given their codes, a learned token wherever a patch is hidden, and all
    places. The loss counts hidden pixels only. Its code is a map: one vector of `latent_dim` numbers a patch.

    It fills in and does not learn to give back what it sees, so there is no `test/se`: `test/denoised_*` are of the
    image with its hidden patches filled in, `test/noisy_*` of the image with them black; `hidden_mse` is the mean
    squared error over hidden pixels, `mean_patch_mse` that of the training images' mean patch in their place.

    Args:
        masked: share of the patches that are hidden; at least one is, and one is not.

    Raises:
        UserError: an image is a single patch; the loss is not a sum over pixels; there is a corruption.
    """

    network_type = TransformerNetwork
    hidden_only = True
    mean_patch: Tensor

    def __init__(self, latent_dim: PositiveInt, masked: OpenFraction = 0.75, **parts: Unpack[Parts]) -> None:
        if not isinstance(parts["loss"], PixelLoss):
            raise UserError("model=masked counts hidden pixels only, so its loss must be a sum over pixels: loss=mse")
        if parts["corruption"]:
            raise UserError("model=masked hides patches by itself (model.masked). Use corruption=none.")
        super().__init__(Deterministic(latent_dim, maps=True), parts)
        network = cast(TransformerNetwork, self.network)
        self.patches = (network.patches,)
        self.places = math.prod(network.patches.grid)
        if self.places < 2:
            raise UserError(
                f"images of {list(self.shape)} are a single patch of {network.patches.patch}, so there is nothing left "
                "to see. Use a smaller network.patch."
            )
        self.shown = min(self.places - 1, max(1, round(self.places * (1 - masked))))
        self.hidden_token = nn.Parameter(0.02 * torch.randn(network.width))
        self.damages = True
        self.register_buffer("mean_patch", torch.zeros(self.shape[0] * network.patches.patch**2))

    def _capabilities(self) -> frozenset[str]:
        return frozenset({"encode", "restore", "shrink"})

    def forward(self, batch: Batch) -> Reconstruction:
        noise = self.noise(batch)
        order = noise.uniform(batch.x.new_empty(len(batch.x), self.places)).argsort(1)
        shown = self._shown(order[:, : self.shown].sort(1).values, batch.x)
        seen = torch.where(shown.kept, batch.x, blank(self.data_range))
        z, hidden = self._encoded(batch.x, shown)
        raw, more = self._filled(z, shown)
        code = Code(z.transpose(1, 2))  # (B, D, n): only those that are shown
        return Reconstruction(batch.x, batch.y, seen, shown.kept, code, (*hidden, *more), raw, self.image, noise)

    def restored(self, out: Reconstruction) -> Tensor:
        assert out.kept is not None
        return torch.where(out.kept, out.x, out.x_hat)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        raise UserError("MaskedAutoencoder fills in hidden patches and reconstructs no visible ones; model=vae does")

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        raise UserError("MaskedAutoencoder learned to decode hidden patches only, not a whole image; model=vae does")

    def _shown(self, places: Tensor, x: Tensor) -> Shown:
        mask = torch.zeros(len(x), self.places, device=x.device).scatter(1, places, 1.0)
        pixels = mask[..., None].expand(-1, -1, x.shape[1] * self.patches[0].patch ** 2)
        return Shown(places, self.patches[0].back(pixels).bool())

    def _encoded(self, x: Tensor, shown: Shown) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The codes (B, n, D) of the patches that are shown, and the hidden layers."""
        first, *blocks, head = cast(Any, self.network.encoder.layers)
        tokens = first(x)
        tokens = tokens.gather(1, shown.places[..., None].expand(-1, -1, tokens.shape[2]))
        hidden = []
        for block in blocks:
            tokens = block(tokens)
            hidden.append(tokens)
        return head.each(tokens), tuple(hidden)

    def _filled(self, z: Tensor, shown: Shown) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Raw output (B, raw channels, H, W) from the codes of what is shown, and the hidden layers."""
        (read, placed), *blocks, pixels = cast(Any, self.network.decoder.layers)
        told = read.each(z.to(self.dtype))
        tokens = self.hidden_token.to(told.dtype).expand(len(z), self.places, -1)
        tokens = placed(tokens.scatter(1, shown.places[..., None].expand_as(told), told))
        hidden = []
        for block in blocks:
            tokens = block(tokens)
            hidden.append(tokens)
        return pixels(tokens), tuple(hidden)

    def on_fit_start(self) -> None:
        super().on_fit_start()
        train_set = self.trainer.datamodule.train_set  # type: ignore[attr-defined]
        batches = (self.patches[0](batch.x).double().mean((0, 1)) * len(batch.x) for batch in train_set.batches(1000))
        self.mean_patch.copy_(sum(batches, torch.zeros(len(self.mean_patch))) / len(train_set))

    def watch(self, out: Reconstruction) -> dict[str, Tensor]:
        assert out.kept is not None
        hidden = (~out.kept).flatten(1)
        mean = self.patches[0].back(self.mean_patch.expand(len(out.x), self.places, -1))
        errors = {"hidden_mse": out.x_hat - out.x, "mean_patch_mse": mean - out.x}
        share = hidden / hidden.sum(1, keepdim=True)
        return super().watch(out) | {
            name: (full_precision(error).square().flatten(1) * share).sum(1).detach() for name, error in errors.items()
        }
