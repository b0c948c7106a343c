"""The data of a run: examples held as they are stored and cut by index, a batch at a time.

example_set.py  ExampleSet: the examples; makes a whole `Batch` from a list of indices
examples.py     Examples: what a source hands over
batches.py      EpochBatches: which examples stand in which batch, by (seed, epoch) and process
residence.py    on which device they lie
split.py        a stratified cut of one set into two
seeds.py        a number per purpose from one seed
module.py       DataModule: what every data module shares
digits.py mnist.py synthetic.py    the data modules; idx.py reads and checks the files of MNIST
shapes.py       draws the pictures of `Synthetic`
"""

from src.data.batches import EpochBatches
from src.data.digits import Digits
from src.data.example_set import ExampleSet
from src.data.examples import Examples
from src.data.mnist import FashionMnist, Mnist
from src.data.module import DataModule, Dials
from src.data.synthetic import Synthetic

__all__ = [
    "DataModule",
    "Dials",
    "Digits",
    "EpochBatches",
    "ExampleSet",
    "Examples",
    "FashionMnist",
    "Mnist",
    "Synthetic",
]
