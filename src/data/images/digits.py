"""The digits that ship with scikit-learn: no download, no waiting."""

from typing import Unpack

import torch

from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.ranges import OpenFraction

TEST_FRACTION = 0.3


class Digits(DataModule):
    """1,797 handwritten digits of 8 x 8 pixels in 17 grey levels (Alpaydin & Kaynak, UCI 1998).

    70 % are for training and 30 % for the test, stratified by scikit-learn's `train_test_split` (so that figures made
    elsewhere with the same seed compare); `val_fraction` of the former is kept for validation. Others: `DataModule`.
    """

    class_names = tuple(map(str, range(10)))
    scale = 16.0

    def __init__(
        self,
        *,
        val_fraction: OpenFraction = 0.1,
        **dials: Unpack[Dials],
    ) -> None:
        super().__init__(**dials)
        self.val_fraction = val_fraction

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The stratified split of the 1,797 digits."""
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        digits = load_digits()
        everything = Examples(
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
