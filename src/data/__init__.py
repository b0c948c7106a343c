"""The data of a run: examples held as they are stored and cut by index, a batch at a time.

example_set.py  ExampleSet: the examples; makes a whole `Batch` from a list of indices
examples.py     Examples: what a source hands over
batches.py      EpochBatches: which examples stand in which batch, by (seed, epoch) and process
residence.py    on which device they lie
split.py        a stratified cut of one set into two
seeds.py        a number per purpose from one seed
module.py       DataModule: what every data module shares
downloaded.py   DownloadedData: what the sets that torchvision downloads share
digits.py mnist.py colour.py patches.py synthetic.py    the data modules
idx.py          reads and checks the files of MNIST and its kin
whitening.py    values without correlation, for `Patches`
shapes.py       draws the pictures of `Synthetic`
image_folder.py ImageFolder: the user's own pictures. picture_files.py finds them, folder_layout.py tells their classes
                and parts, pictures.py reads one, decoding.py many, picture_cache.py keeps them decoded
watched.py      a bar for work that takes long
series.py       Series: windows of a file or of signals.py; measurements.py reads it, by_time.py parts it
audio.py        Audio: windows of sound. sound_folder.py parts recordings.py's files, tones.py makes some, log_mel.py
                makes pictures of them
standardise.py  mean and spread of what is trained on
arrays.py       Arrays: the user's own. array_files.py reads them, array_names.py and layouts.py tell what they are,
                labels.py numbers their classes, finite.py and scaling.py check and scale them
table.py scikit_tables.py    tables: table_files.py reads them, columns.py and features.py make numbers of them
parts.py        three sets out of the parts that there are
"""

from src.data.arrays import Arrays
from src.data.audio import Audio
from src.data.batches import EpochBatches
from src.data.colour import Cifar10, Svhn
from src.data.digits import Digits
from src.data.example_set import ExampleSet
from src.data.examples import Examples
from src.data.image_folder import ImageFolder
from src.data.mnist import EmnistLetters, FashionMnist, KMnist, Mnist
from src.data.module import DataModule, Dials
from src.data.patches import Patches
from src.data.scikit_tables import BreastCancer, Wine
from src.data.series import Series
from src.data.synthetic import Synthetic
from src.data.table import Table

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
