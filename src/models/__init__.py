"""The variants: one file each, a few lines on the shared `ReconstructionModule`."""

from src.models.base import Parts, ReconstructionModule
from src.models.contractive import ContractiveAutoencoder
from src.models.convolutional import ConvolutionalAutoencoder
from src.models.denoising import DenoisingAutoencoder
from src.models.linear import LinearAutoencoder
from src.models.overcomplete import OvercompleteAutoencoder
from src.models.sparse import SparseAutoencoder
from src.models.stacked import StackedAutoencoder
from src.models.undercomplete import UndercompleteAutoencoder
from src.models.vae import VariationalAutoencoder

__all__ = [
    "ContractiveAutoencoder",
    "ConvolutionalAutoencoder",
    "DenoisingAutoencoder",
    "LinearAutoencoder",
    "OvercompleteAutoencoder",
    "Parts",
    "ReconstructionModule",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "UndercompleteAutoencoder",
    "VariationalAutoencoder",
]
