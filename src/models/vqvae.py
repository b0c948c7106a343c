"""A code of symbols."""

from typing import Unpack, final

from src.bottlenecks import VectorQuantizer
from src.models.base import Parts, ReconstructionModule
from src.ranges import NonNegativeFloat, OpenFraction, PositiveInt
from src.regularizers import Commitment
from src.schedules import Weight


@final
class VectorQuantizedAutoencoder(ReconstructionModule):
    """min loss(x, g(e)) + commitment * ||f(x) - sg(e)||^2, e the entries of a codebook nearest to the feature map f(x).

    van den Oord, Vinyals & Kavukcuoglu, "Neural discrete representation learning", NIPS 2017. The code is a map of
    symbols: at 28 x 28 with three halvings 4 x 4 of them, log2(entries) bits each. How entries follow the features
    stands at `src.bottlenecks.VectorQuantizer`. It has no prior of its own, so it does not sample.

    Args:
        latent_dim: width of an entry.
        entries: of the codebook.
        commitment: weight of the term `commitment`.
        decay: of the moving averages that the entries follow.
        restart_below: an entry chosen by fewer features a batch than this, on average, starts anew; 0: never.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        entries: PositiveInt = 512,
        commitment: Weight = 0.25,
        decay: OpenFraction = 0.99,
        restart_below: NonNegativeFloat = 0.1,
        **parts: Unpack[Parts],
    ) -> None:
        bottleneck = VectorQuantizer(latent_dim, entries, decay, restart_below)
        super().__init__(bottleneck, parts, terms={"commitment": Commitment(commitment)})
