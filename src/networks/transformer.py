"""Attention over patches."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from src.errors import UserError
from src.networks.base import Layers, Network, Sizes
from src.ranges import PositiveInt


class Patches(nn.Module):
    """(B, C, H, W) -> (B, N, C p p): patches of p x p, row by row; zeros fill up the edge where p does not fit."""

    def __init__(self, shape: Sequence[int], patch: int) -> None:
        super().__init__()
        self.shape, self.patch = tuple(shape), patch
        self.grid = (math.ceil(shape[1] / patch), math.ceil(shape[2] / patch))

    def forward(self, x: Tensor) -> Tensor:
        (h, w), p = self.grid, self.patch
        x = F.pad(x, (0, w * p - x.shape[3], 0, h * p - x.shape[2]))
        return x.reshape(len(x), -1, h, p, w, p).permute(0, 2, 4, 1, 3, 5).reshape(len(x), h * w, -1)

    def back(self, patches: Tensor) -> Tensor:
        """(B, N, C p p) -> (B, C, H, W), what was filled up cut off again."""
        (h, w), p = self.grid, self.patch
        x = (
            patches.reshape(len(patches), h, w, -1, p, p)
            .permute(0, 3, 1, 4, 2, 5)
            .reshape(len(patches), -1, h * p, w * p)
        )
        return x[:, :, : self.shape[1], : self.shape[2]]


class Block(nn.Module):
    """t + attention(norm(t)), then t + mlp(norm(t)), on tokens t (B, N, width) (Vaswani et al. 2017, norms first).

    Attention is written out: torch's own CPU kernel has no forward-mode derivative, which some penalties take.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.questions, self.answer = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, t: Tensor) -> Tensor:
        t = t + self._attention(self.before(t))
        return t + self.mlp(self.between(t))

    def _attention(self, t: Tensor) -> Tensor:
        b, n, width = t.shape
        q, k, v = self.questions(t).view(b, n, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        shares = (q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)).softmax(-1)
        return self.answer((shares @ v).transpose(1, 2).reshape(b, n, width))


class Placed(nn.Module):
    """tokens (B, N, width) + a learned vector for each place."""

    def __init__(self, places: int, width: int) -> None:
        super().__init__()
        self.places = nn.Parameter(0.02 * torch.randn(places, width))

    def forward(self, t: Tensor) -> Tensor:
        return t + self.places


class Head(nn.Module):
    """Tokens (B, N, width) -> features: a vector (B, features), or maps (B, features, h, w), one token a place."""

    def __init__(self, width: int, features: int, grid: tuple[int, int], maps: bool) -> None:
        super().__init__()
        self.norm, self.grid, self.maps = nn.LayerNorm(width), grid, maps
        self.out = nn.Linear(width if maps else width * math.prod(grid), features)

    def each(self, t: Tensor) -> Tensor:
        """(B, N, width) -> (B, N, features), for any number of tokens."""
        return self.out(self.norm(t))

    def forward(self, t: Tensor) -> Tensor:
        if not self.maps:
            return self.out(self.norm(t).flatten(1))
        return self.each(t).transpose(1, 2).unflatten(2, self.grid)


class Tokens(nn.Module):
    """Codes, vectors (B, D) or maps (B, D, h, w), -> tokens (B, N, width)."""

    def __init__(self, latent_dim: int, width: int, grid: tuple[int, int], maps: bool) -> None:
        super().__init__()
        self.places, self.maps = math.prod(grid), maps
        self.out = nn.Linear(latent_dim, width if maps else width * self.places)

    def each(self, z: Tensor) -> Tensor:
        """(B, N, D) -> (B, N, width), for any number of tokens."""
        return self.out(z)

    def forward(self, z: Tensor) -> Tensor:
        return self.each(z.flatten(2).transpose(1, 2)) if self.maps else self.out(z).unflatten(1, (self.places, -1))


class Pixels(nn.Module):
    """Tokens (B, N, width) -> raw (B, raw channels, H, W)."""

    def __init__(self, width: int, raw_channels: int, patches: Patches) -> None:
        super().__init__()
        self.norm, self.patches = nn.LayerNorm(width), patches
        self.out = nn.Linear(width, raw_channels * patches.patch**2)

    def forward(self, t: Tensor) -> Tensor:
        return self.patches.back(self.out(self.norm(t)))


class TransformerNetwork(Network):
    """Patches -> tokens -> `depth` blocks of attention -> features, and `back_depth` blocks back to patches.

    Dosovitskiy et al., "An image is worth 16 x 16 words: transformers for image recognition at scale", ICLR 2021, each
    way, without a class token. Any height and width: patches that do not fit are filled up and cut off again.

    Args:
        patch: height and width of a patch, in pixels.
        width: of a token.
        depth: blocks of the encoder.
        back_depth: blocks of the decoder.
        heads: of the attention; divides `width`.

    Raises:
        UserError: the data are no images, or `heads` does not divide `width`.
    """

    config_name = "transformer"
    axes = 3
    gives_maps = True

    def __init__(
        self,
        sizes: Sizes,
        patch: PositiveInt = 4,
        width: PositiveInt = 64,
        depth: PositiveInt = 3,
        back_depth: PositiveInt = 2,
        heads: PositiveInt = 4,
    ) -> None:
        self.check(sizes)
        if width % heads:
            raise UserError(f"network.heads={heads} must divide network.width={width}; try network.width={heads * 16}")
        patches = Patches(sizes.shape, patch)
        places = math.prod(patches.grid)
        embed = nn.Linear(sizes.shape[0] * patch**2, width)
        encoder = Layers(
            [
                nn.Sequential(patches, embed, Placed(places, width)),
                *(Block(width, heads) for _ in range(depth)),
                Head(width, sizes.features, patches.grid, sizes.maps),
            ]
        )
        decoder = Layers(
            [
                nn.Sequential(Tokens(sizes.latent_dim, width, patches.grid, sizes.maps), Placed(places, width)),
                *(Block(width, heads) for _ in range(back_depth)),
                Pixels(width, sizes.raw_channels, patches),
            ]
        )
        super().__init__(encoder, decoder, patches.grid if sizes.maps else None)
        self.patches, self.width = patches, width
