"""Networks: an encoder and a decoder, fitted to any image size, channel count and code width."""

from src.networks.base import Network, NetworkFactory
from src.networks.conv import ConvNetwork
from src.networks.conv1d import Conv1dNetwork
from src.networks.conv_pool import ConvPoolNetwork
from src.networks.convolutional import ConvolutionalNetwork
from src.networks.dictionary import DictionaryNetwork
from src.networks.linear import LinearNetwork
from src.networks.mlp import MlpNetwork
from src.networks.residual import ResidualNetwork
from src.networks.tied import Transposed
from src.networks.transformer import TransformerNetwork
from src.networks.unet import UNet

__all__ = [
    "Conv1dNetwork",
    "ConvNetwork",
    "ConvPoolNetwork",
    "ConvolutionalNetwork",
    "DictionaryNetwork",
    "LinearNetwork",
    "MlpNetwork",
    "Network",
    "NetworkFactory",
    "ResidualNetwork",
    "TransformerNetwork",
    "Transposed",
    "UNet",
]
