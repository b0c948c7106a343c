"""Patches of photographs, what sparse coding was invented for."""

from typing import Literal, Unpack

import numpy as np
import torch
from torch import Tensor

from src.data.examples import Examples
from src.data.images.whitening import Whitening
from src.data.module import DataModule, Dials
from src.data.seeds import generator_for
from src.data.split import cut
from src.errors import UserError
from src.ranges import UNBOUNDED, PositiveInt

TILE = 61
"""Side in pixels of the tiles that a photograph is parted into: 427 = 7 * 61."""
MARGIN = 8
"""Pixels at the lower and right edge of a tile that no patch reaches: between neighbours there is always so much."""
VAL_SHARE, TEST_SHARE = 0.1, 0.2
"""Of the tiles."""
LUMINANCE = (0.299, 0.587, 0.114)
"""Of red, green and blue in grey (ITU-R BT.601)."""


class Patches(DataModule):
    """Square patches of scikit-learn's two sample photographs, a temple in China and a flower, 427 x 640 pixels each.

    After Olshausen & Field, "Emergence of simple-cell receptive field properties by learning a sparse code for natural
    images", Nature 1996. The label is the photograph. Each photograph is parted into tiles, of which `split_seed` draws
    70 % for training, 10 % for validation and 20 % for the test; a patch lies anywhere within one tile, so no pixel is
    seen in two of the sets. Places are drawn with replacement: patches overlap. Other parameters: `DataModule`.

    Args:
        size: side of a patch in pixels.
        channels: 1 for grey, 3 for colour.
        n_train, n_val, n_test: how many patches of each set.
        whiten: "zca" makes the numbers of a patch uncorrelated, see `Whitening`, fitted on the training patches;
            "none" leaves pixels.

    Raises:
        UserError: a patch is larger than a tile, or whitened values are given a range.
    """

    class_names = ("china", "flower")

    def __init__(
        self,
        *,
        size: PositiveInt = 8,
        channels: Literal[1, 3] = 1,
        n_train: PositiveInt = 20_000,
        n_val: PositiveInt = 2_000,
        n_test: PositiveInt = 4_000,
        whiten: Literal["none", "zca"] = "none",
        **dials: Unpack[Dials],
    ) -> None:
        super().__init__(**dials)
        if size > TILE - MARGIN:
            raise UserError(
                f"data.size={size}: a patch lies within a tile of a photograph, so that no pixel is in two of the "
                f"three sets; type data.size={TILE - MARGIN} or less."
            )
        if whiten != "none" and self.range != UNBOUNDED:
            raise UserError(f"data.whiten={whiten} leaves values without ends; type data.range=null beside it.")
        self.size, self.channels, self.whiten = size, channels, whiten
        self.sizes = {"train": n_train, "val": n_val, "test": n_test}

    def load(self) -> tuple[Examples, Examples, Examples]:
        """Part the photographs into tiles and cut the patches."""
        photographs = self._photographs()
        tiles = _tiles(photographs)
        rest, test_tiles = cut(tiles[:, 0], TEST_SHARE, self.split_seed)
        train_tiles, val_tiles = cut(tiles[rest, 0], VAL_SHARE / (1 - TEST_SHARE), self.split_seed)
        of = {"train": tiles[rest[train_tiles]], "val": tiles[rest[val_tiles]], "test": tiles[test_tiles]}
        train, val, test = (self._cut(photographs, of[name], name, n) for name, n in self.sizes.items())
        if self.whiten == "none":
            return train, val, test
        self.scale = 1.0
        whitening = Whitening.fit(train.values.float() / 255)
        train, val, test = (s._replace(values=whitening(s.values.float() / 255)) for s in (train, val, test))
        return train, val, test

    def _photographs(self) -> Tensor:
        """(2, height, width, channels) uint8."""
        from sklearn.datasets import load_sample_images

        colour = torch.from_numpy(np.stack(load_sample_images().images))
        if self.channels == 3:
            return colour
        return (colour.float() @ torch.tensor(LUMINANCE)).round().to(torch.uint8)[..., None]

    def _cut(self, photographs: Tensor, tiles: Tensor, name: str, n: int) -> Examples:
        """n patches anywhere within `tiles` (T, 3)."""
        generator = generator_for("patches", name, self.split_seed)
        photograph, top, left = tiles[torch.randint(len(tiles), (n,), generator=generator)].unbind(1)
        down, right = torch.randint(TILE - MARGIN - self.size + 1, (2, n), generator=generator)
        windows = photographs.unfold(1, self.size, 1).unfold(2, self.size, 1)  # every patch there is, as a view
        return Examples(windows[photograph, top + down, left + right], photograph, {})


def _tiles(photographs: Tensor) -> Tensor:
    """The photograph and the upper left pixel of each whole tile, (T, 3) int64."""
    n, height, width = photographs.shape[:3]
    rows, columns = torch.arange(height // TILE) * TILE, torch.arange(width // TILE) * TILE
    return torch.cartesian_prod(torch.arange(n), rows, columns)
