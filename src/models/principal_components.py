"""The closed-form baselines as models of the same family."""

import math
from typing import Any, Unpack, cast, final

import torch
from torch import Tensor

from src.bottlenecks import Deterministic
from src.contracts import Batch
from src.errors import UserError
from src.losses import SquaredError
from src.models.base import Parts, ReconstructionModule
from src.networks import LinearNetwork
from src.pca import PCA, images_at_once
from src.ranges import PositiveInt


@final
class PrincipalComponents(ReconstructionModule):
    """z = V^T (x - m), x_hat = m + V z, the columns of V (inputs, D) orthonormal and leading: no gradient steps.

    min ||x - x_hat||^2 over all affine maps. Centred, m is the mean and V holds the leading eigenvectors of the
    covariance: principal component analysis (Pearson, "On lines and planes of closest fit to systems of points in
    space", Philosophical Magazine 2, 1901). Uncentred, m = 0 and V holds the leading right singular vectors of the data
    matrix: the truncated singular value decomposition (Eckart & Young, "The approximation of one matrix by another of
    lower rank", Psychometrika 1, 1936).

    Both are fitted before the first epoch, streamed over batches of the training set; the epochs only measure.

    Args:
        centred: whether the mean is taken off first.

    Raises:
        UserError: more components than inputs; a loss other than the squared error; a regularizer or a corruption.
    """

    network_type = LinearNetwork

    def __init__(self, latent_dim: PositiveInt, centred: bool = True, **parts: Unpack[Parts]) -> None:
        if not isinstance(parts["loss"], SquaredError):
            raise UserError("the closed form of model=pca and model=svd is that of loss=mse. Use it, or model=linear.")
        if parts["regularizers"] or parts["corruption"]:
            raise UserError(
                "model=pca and model=svd take no gradient steps, so a regularizer or a corruption would do nothing. "
                "Leave it out, or use model=linear."
            )
        super().__init__(Deterministic(latent_dim), parts)
        if latent_dim > (inputs := math.prod(self.shape)):
            raise UserError(f"model.latent_dim={latent_dim}: data of {inputs} inputs has only {inputs} components")
        self.centred = centred
        self.automatic_optimization = False
        self.requires_grad_(False)

    def on_train_start(self) -> None:
        super().on_train_start()
        if self.current_epoch == 0:
            train_set = self.trainer.datamodule.train_set  # type: ignore[attr-defined]
            at_once = images_at_once(self.shape)
            self.adopt(
                PCA.fit(lambda: (batch.x for batch in train_set.batches(at_once)), self.latent_dim, self.centred)
            )

    @torch.no_grad()
    def adopt(self, pca: PCA) -> None:
        """Take over the components as the weights of the network."""
        encoder, decoder = cast(Any, self.network.encoder.layers[0])[1], cast(Any, self.network.decoder.layers[0])[0]
        encoder.weight.copy_(pca.components)
        encoder.bias.copy_(-pca.components @ pca.mean)
        decoder.weight.copy_(pca.components.T)
        decoder.bias.copy_(pca.mean)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor | None:
        super().training_step(batch, batch_idx)
        return None
