"""The data of a run: images held in memory as bytes and cut by index, a batch at a time.

image_set.py    ImageSet: the images; makes a whole `Batch` from a list of indices
batches.py      EpochBatches: which images stand in which batch, by (seed, epoch) and process
split.py        a stratified cut of one set into two
seeds.py        a number per purpose from one seed
module.py       ImageData: what every data module shares
digits.py mnist.py synthetic.py    the data modules; idx.py reads and checks the files of MNIST
shapes.py       draws the pictures of `Synthetic`
"""

from src.data.batches import EpochBatches
from src.data.digits import Digits
from src.data.image_set import ImageSet
from src.data.mnist import FashionMnist, Mnist
from src.data.module import ImageData
from src.data.synthetic import Synthetic

__all__ = ["Digits", "EpochBatches", "FashionMnist", "ImageData", "ImageSet", "Mnist", "Synthetic"]
