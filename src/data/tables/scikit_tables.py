"""Two small tables that ship with scikit-learn."""

from typing import ClassVar, Unpack

import torch

from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.data.tables.columns import encode
from src.ranges import UNBOUNDED, OpenFraction

TEST_FRACTION = 0.3


class ScikitTable(DataModule):
    """A table of numbers, standardised by the training rows; see `Table` for a `range` with ends.

    70 % are for training and 30 % for the test, stratified by scikit-learn's `train_test_split` (so that figures made
    elsewhere with the same seed compare); `val_fraction` of the former is kept for validation. Others: `DataModule`.
    """

    scale = 1.0
    loader: ClassVar[str]
    """scikit-learn's name for it, sklearn.datasets.load_<loader>."""

    def __init__(self, *, val_fraction: OpenFraction = 0.1, **dials: Unpack[Dials]) -> None:
        dials.setdefault("range", None)
        super().__init__(**dials)
        self.val_fraction = val_fraction

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The stratified split of all rows."""
        import pyarrow
        from sklearn import datasets
        from sklearn.model_selection import train_test_split

        found = getattr(datasets, f"load_{self.loader}")()
        table = pyarrow.table(
            {str(name): column for name, column in zip(found.feature_names, found.data.T, strict=True)}
        )
        kept, test = train_test_split(
            torch.arange(len(found.target)).numpy(),
            test_size=TEST_FRACTION,
            stratify=found.target,
            random_state=self.split_seed % 2**32,
        )
        everything = Examples(torch.empty(table.num_rows, 0), torch.from_numpy(found.target).long(), {})
        train, val = everything.take(torch.from_numpy(kept)).cut(self.val_fraction, self.split_seed)
        assert train.rows is not None
        values, self.feature_names = encode(table, train.rows, bounded=self.range != UNBOUNDED)
        train, val, test = (s._replace(values=values) for s in (train, val, everything.take(torch.from_numpy(test))))
        return train, val, test


class BreastCancer(ScikitTable):
    """569 tumours, 30 measures of the cell nuclei in a picture of each (Wolberg, Street & Mangasarian 1995)."""

    loader = "breast_cancer"
    class_names = ("malignant", "benign")


class Wine(ScikitTable):
    """178 wines of three growers, 13 measures of each (Forina et al., UCI 1991)."""

    loader = "wine"
    class_names = ("class_0", "class_1", "class_2")
