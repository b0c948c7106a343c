"""Networks: an encoder and a decoder, fitted to any image size, channel count and code width."""

from src.networks.base import Network, NetworkFactory
from src.networks.conv import ConvNetwork
from src.networks.linear import LinearNetwork
from src.networks.mlp import MlpNetwork

__all__ = ["ConvNetwork", "LinearNetwork", "MlpNetwork", "Network", "NetworkFactory"]
