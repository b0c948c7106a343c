"""The data of a run: examples held as they are stored and cut by index, a batch at a time.

example_set.py  ExampleSet: the examples; makes a whole `Batch` from a list of indices
examples.py     Examples: what a source hands over
module.py       DataModule: what every data module shares
batches.py      EpochBatches: which examples stand in which batch, by (seed, epoch) and process
residence.py    on which device they lie
split.py        a stratified cut of one set into two; parts.py makes three sets out of the parts that there are
roots.py        where files lie, as it was typed
seeds.py        a number per purpose from one seed
standardise.py  mean and spread of what is trained on
watched.py      a bar for work that takes long
images/         sets of images that ship with a library, are downloaded or are made on the spot
pictures/       a folder of the user's own pictures
arrays/ tables/ signals/    the user's own arrays, tables, series and recordings
"""

from src.data.arrays.arrays import Arrays
from src.data.batches import EpochBatches
from src.data.example_set import ExampleSet
from src.data.examples import Examples
from src.data.images.colour import Cifar10, Svhn
from src.data.images.digits import Digits
from src.data.images.mnist import EmnistLetters, FashionMnist, KMnist, Mnist
from src.data.images.patches import Patches
from src.data.images.synthetic import Synthetic
from src.data.module import DataModule, Dials
from src.data.pictures.image_folder import ImageFolder
from src.data.signals.audio import Audio
from src.data.signals.series import Series
from src.data.tables.scikit_tables import BreastCancer, Wine
from src.data.tables.table import Table

__all__ = [
    "Arrays",
    "Audio",
    "BreastCancer",
    "Cifar10",
    "DataModule",
    "Dials",
    "Digits",
    "EmnistLetters",
    "EpochBatches",
    "ExampleSet",
    "Examples",
    "FashionMnist",
    "ImageFolder",
    "KMnist",
    "Mnist",
    "Patches",
    "Series",
    "Svhn",
    "Synthetic",
    "Table",
    "Wine",
]
