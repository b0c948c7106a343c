"""What wakes dead units."""

import torch
from torch import Tensor

from src.contracts import Autoencoding, Reconstruction, SparseCode, full_precision
from src.ranges import PositiveInt
from src.regularizers.base import Regularizer
from src.schedules import Weight


class Revival(Regularizer):
    """||e - e_hat||^2 of each image, (B,): e = x - x_hat, and e_hat what dead units would add to x_hat.

    Gao et al., "Scaling and evaluating sparse autoencoders", ICLR 2025 (AuxK). e_hat = x_hat(z + z_dead) - x_hat(z),
    z_dead the `units` strongest answers among the dead units of each image; with an affine decoder V z + c that is
    V z_dead, as there. e and z count as given, so only dead units learn from the term (and what a decoder of several
    layers does with all of them); while none is dead it is ||e||^2.

    Args:
        units: how many dead units of an image are asked, or all where there are fewer.
    """

    needs = SparseCode
    reads = frozenset({"encode", "decode"})

    def __init__(self, weight: Weight, units: PositiveInt) -> None:
        super().__init__(weight)
        self.units = units

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        code = out.code
        assert isinstance(code, SparseCode)  # `check` has refused every other code
        asked = code.answers.detach().masked_fill(~code.dead, float("-inf"))
        places = asked.topk(min(self.units, asked.shape[1]), dim=1, sorted=False).indices
        chosen = torch.zeros_like(asked).scatter(1, places, 1.0) * code.dead
        awake = code.z.detach()  # so that only dead units learn what to answer
        more = model.image(model.decode(awake + code.answers * chosen, out.y))
        # decoded once more, and not out.x_hat: what both have in common, the other columns and c, learns nothing here
        without = model.image(model.decode(awake, out.y))
        left = full_precision((out.x - out.x_hat).detach() - (more - without))
        return left.square().flatten(1).sum(1)
