"""Does a linear autoencoder find the principal components?"""

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from src.contracts import Autoencoding
from src.pca import PCA, images_at_once, principal_angle


class PrincipalAngle(Callback):
    """Logs `test/pca_angle`: the largest principal angle, in degrees, between the decoder's span and PCA's.

    Meant for decoders that are affine; of any other it measures the tangent at the code 0.
    """

    def on_test_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, Autoencoding)
        train_set = trainer.datamodule.train_set  # type: ignore[attr-defined]
        at_once = images_at_once(train_set.shape)
        pca = PCA.fit(lambda: (batch.x for batch in train_set.batches(at_once)), pl_module.latent_dim)
        units = torch.eye(pl_module.latent_dim, device=pl_module.device)
        spanned = (pl_module.decode(units) - pl_module.decode(torch.zeros_like(units))).flatten(1).cpu()
        pl_module.log("test/pca_angle", principal_angle(pca.components, spanned))
