"""The variants: one file each, a few lines on the shared `ReconstructionModule`."""

from src.models.adversarial import AdversarialAutoencoder
from src.models.base import Parts, ReconstructionModule
from src.models.batch_topk import BatchTopKAutoencoder
from src.models.beta_tcvae import BetaTCVariationalAutoencoder
from src.models.categorical import CategoricalAutoencoder
from src.models.contractive import ContractiveAutoencoder
from src.models.convolutional import ConvolutionalAutoencoder
from src.models.cvae import ConditionalVariationalAutoencoder
from src.models.denoising import DenoisingAutoencoder
from src.models.dip_vae import DIPVariationalAutoencoder
from src.models.factor_vae import FactorVariationalAutoencoder
from src.models.flow_vae import FlowVariationalAutoencoder
from src.models.free_bits import FreeBitsVariationalAutoencoder
from src.models.gan import GenerativeAdversarialNetwork
from src.models.info_vae import InfoVariationalAutoencoder
from src.models.iwae import ImportanceWeightedAutoencoder
from src.models.jumprelu import JumpReLUAutoencoder
from src.models.kl_sparse import KLSparseAutoencoder
from src.models.ladder_vae import LadderVariationalAutoencoder
from src.models.linear import LinearAutoencoder
from src.models.masked import MaskedAutoencoder
from src.models.overcomplete import OvercompleteAutoencoder
from src.models.principal_components import PrincipalComponents
from src.models.regularized import RegularizedAutoencoder
from src.models.sliced_wasserstein import SlicedWassersteinAutoencoder
from src.models.sparse import SparseAutoencoder
from src.models.stacked import StackedAutoencoder
from src.models.topk import TopKAutoencoder
from src.models.undercomplete import UndercompleteAutoencoder
from src.models.vae import VariationalAutoencoder
from src.models.vaegan import VariationalAutoencoderGAN
from src.models.vamp import VampPriorAutoencoder
from src.models.vqvae import VectorQuantizedAutoencoder
from src.models.wasserstein import WassersteinAutoencoder

__all__ = [
    "AdversarialAutoencoder",
    "BatchTopKAutoencoder",
    "BetaTCVariationalAutoencoder",
    "CategoricalAutoencoder",
    "ConditionalVariationalAutoencoder",
    "ContractiveAutoencoder",
    "ConvolutionalAutoencoder",
    "DIPVariationalAutoencoder",
    "DenoisingAutoencoder",
    "FactorVariationalAutoencoder",
    "FlowVariationalAutoencoder",
    "FreeBitsVariationalAutoencoder",
    "GenerativeAdversarialNetwork",
    "ImportanceWeightedAutoencoder",
    "InfoVariationalAutoencoder",
    "JumpReLUAutoencoder",
    "KLSparseAutoencoder",
    "LadderVariationalAutoencoder",
    "LinearAutoencoder",
    "MaskedAutoencoder",
    "OvercompleteAutoencoder",
    "Parts",
    "PrincipalComponents",
    "ReconstructionModule",
    "RegularizedAutoencoder",
    "SlicedWassersteinAutoencoder",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "TopKAutoencoder",
    "UndercompleteAutoencoder",
    "VampPriorAutoencoder",
    "VariationalAutoencoder",
    "VariationalAutoencoderGAN",
    "VectorQuantizedAutoencoder",
    "WassersteinAutoencoder",
]
