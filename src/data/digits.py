"""The digits that ship with scikit-learn: no download, no waiting."""

from typing import ClassVar

import torch

from src.data.image_set import Binarize
from src.data.module import UNIT_RANGE, ImageData, Images
from src.ranges import NonNegativeInt, OpenFraction, PositiveInt, Shape, ValueRange

TEST_FRACTION = 0.3


class Digits(ImageData):
    """1,797 handwritten digits of 8 x 8 pixels in 17 grey levels (Alpaydin & Kaynak, UCI 1998).

    70 % are for training and 30 % for the test, stratified by scikit-learn's `train_test_split` (so that figures made
    elsewhere with the same seed compare); `val_fraction` of the former is kept for validation. Parameters: `ImageData`.
    """

    classes: ClassVar[list[str]] = [str(digit) for digit in range(10)]
    scale: ClassVar[float] = 16.0

    def __init__(
        self,
        *,
        shape: Shape,
        range: ValueRange = UNIT_RANGE,
        batch_size: PositiveInt = 64,
        val_fraction: OpenFraction = 0.1,
        seed: NonNegativeInt = 0,
        split_seed: NonNegativeInt = 0,
        binarize: Binarize = "none",
        limit: PositiveInt | None = None,
        classes: NonNegativeInt | None = None,
    ) -> None:
        super().__init__(
            shape=shape,
            range=range,
            batch_size=batch_size,
            seed=seed,
            split_seed=split_seed,
            binarize=binarize,
            limit=limit,
            classes=classes,
        )
        self.val_fraction = val_fraction

    def load(self) -> tuple[Images, Images, Images]:
        """The stratified split of the 1,797 digits."""
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        digits = load_digits()
        everything = Images(
            torch.from_numpy(digits.images).to(torch.uint8)[:, None], torch.from_numpy(digits.target).long(), {}
        )
        kept, test = train_test_split(
            torch.arange(len(digits.target)).numpy(),
            test_size=TEST_FRACTION,
            stratify=digits.target,
            random_state=self.split_seed % 2**32,
        )
        train, val = everything.take(torch.from_numpy(kept)).cut(self.val_fraction, self.split_seed)
        return train, val, everything.take(torch.from_numpy(test))
