"""Bottlenecks: what turns the encoder's features into a code."""

from src.bottlenecks.base import Bottleneck
from src.bottlenecks.batch_topk import BatchTopK
from src.bottlenecks.categorical import Categorical
from src.bottlenecks.deterministic import Deterministic
from src.bottlenecks.flow import FlowCode, Flowing
from src.bottlenecks.gaussian import Gaussian
from src.bottlenecks.jumprelu import JumpReLU
from src.bottlenecks.ladder import Ladder, LadderCode
from src.bottlenecks.quantizer import VectorQuantizer
from src.bottlenecks.topk import TopK

__all__ = [
    "BatchTopK",
    "Bottleneck",
    "Categorical",
    "Deterministic",
    "FlowCode",
    "Flowing",
    "Gaussian",
    "JumpReLU",
    "Ladder",
    "LadderCode",
    "TopK",
    "VectorQuantizer",
]
