"""The variants: one file each, a few lines on the shared `ReconstructionModule`."""

from src.models.base import Parts, ReconstructionModule
from src.models.contractive import ContractiveAutoencoder
from src.models.convolutional import ConvolutionalAutoencoder
from src.models.denoising import DenoisingAutoencoder
from src.models.kl_sparse import KLSparseAutoencoder
from src.models.linear import LinearAutoencoder
from src.models.overcomplete import OvercompleteAutoencoder
from src.models.sliced_wasserstein import SlicedWassersteinAutoencoder
from src.models.sparse import SparseAutoencoder
from src.models.stacked import StackedAutoencoder
from src.models.undercomplete import UndercompleteAutoencoder
from src.models.vae import VariationalAutoencoder
from src.models.wasserstein import WassersteinAutoencoder

__all__ = [
    "ContractiveAutoencoder",
    "ConvolutionalAutoencoder",
    "DenoisingAutoencoder",
    "KLSparseAutoencoder",
    "LinearAutoencoder",
    "OvercompleteAutoencoder",
    "Parts",
    "ReconstructionModule",
    "SlicedWassersteinAutoencoder",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "UndercompleteAutoencoder",
    "VariationalAutoencoder",
    "WassersteinAutoencoder",
]
