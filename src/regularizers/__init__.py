"""Regularizers: terms that measure a pass and add to its loss."""

from src.regularizers.activity import L1Activity, L2Activity
from src.regularizers.adversary import Adversary
from src.regularizers.aggregate_posterior import AggregatePosterior
from src.regularizers.base import Regularizer
from src.regularizers.categorical_kl import CategoricalKL
from src.regularizers.code_adversary import CodeAdversary
from src.regularizers.code_covariance import DiagonalCovariance, OffDiagonalCovariance
from src.regularizers.commitment import Commitment
from src.regularizers.contractive import Contractive
from src.regularizers.decoder_l2 import DecoderL2
from src.regularizers.decorrelation import Decorrelation
from src.regularizers.density_ratio import DensityRatio
from src.regularizers.feature_matching import FeatureMatching
from src.regularizers.free_bits import FreeBits
from src.regularizers.gradient_penalty import GradientPenalty
from src.regularizers.image_adversary import ImageAdversary
from src.regularizers.importance_bound import ImportanceWeightedBound
from src.regularizers.kl_divergence import KLDivergence
from src.regularizers.kl_parts import Dependence, DimensionWiseKL, MutualInformation
from src.regularizers.kl_sparsity import KLSparsity
from src.regularizers.mmd import MaximumMeanDiscrepancy
from src.regularizers.orthogonal import Orthogonal
from src.regularizers.over_batch import OverBatch
from src.regularizers.revival import Revival
from src.regularizers.sampled_kl import SampledKL
from src.regularizers.sliced_wasserstein import SlicedWasserstein
from src.regularizers.spectral import Spectral
from src.regularizers.total_correlation import TotalCorrelation
from src.regularizers.units_awake import UnitsAwake

__all__ = [
    "Adversary",
    "AggregatePosterior",
    "CategoricalKL",
    "CodeAdversary",
    "Commitment",
    "Contractive",
    "DecoderL2",
    "Decorrelation",
    "DensityRatio",
    "Dependence",
    "DiagonalCovariance",
    "DimensionWiseKL",
    "FeatureMatching",
    "FreeBits",
    "GradientPenalty",
    "ImageAdversary",
    "ImportanceWeightedBound",
    "KLDivergence",
    "KLSparsity",
    "L1Activity",
    "L2Activity",
    "MaximumMeanDiscrepancy",
    "MutualInformation",
    "OffDiagonalCovariance",
    "Orthogonal",
    "OverBatch",
    "Regularizer",
    "Revival",
    "SampledKL",
    "SlicedWasserstein",
    "Spectral",
    "TotalCorrelation",
    "UnitsAwake",
]
